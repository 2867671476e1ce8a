import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { readGuideModel } from "@hxp/model-guide";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readManifest, root } from "./workspace-files.ts";

const run = promisify(execFile);
// `pnpm release` puts it there, before the tests in .ci/run.
const isReleased = existsSync(join(root, ".hxp/registry"));
if (!isReleased) {
  process.stderr.write("SKIPPED test/installed.test.ts: nothing is released here yet; run `pnpm release` first\n");
}

interface Locked {
  packages: Record<string, { hasInstallScript?: boolean; inBundle?: boolean }>;
}

describe.skipIf(!isReleased)("what was released, installed by npm where nothing else is", () => {
  const folder = mkdtempSync(join(tmpdir(), "hxp-installed-"));
  const env = { PATH: process.env["PATH"], HOME: join(folder, "home"), npm_config_update_notifier: "false" };
  let registry: ChildProcess;
  let url: string;

  beforeAll(async () => {
    mkdirSync(env.HOME);
    const words = ["--conditions=@hxp/source", "tooling/release/src/bin.ts", "serve", "--port", "0", "--json"];
    registry = spawn(process.execPath, words, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    const said = await readJson<{ url?: string }>(registry);
    if (said.url === undefined) throw new Error(`the registry is not served: ${JSON.stringify(said)}`);
    url = said.url;
  });
  afterAll(async () => {
    await end(registry);
    rmSync(folder, { recursive: true, force: true });
  });

  async function install(name: string): Promise<{ at: string; locked: Locked }> {
    const at = join(folder, name.replaceAll(/\W/g, "-"));
    mkdirSync(at);
    writeFileSync(join(at, "package.json"), JSON.stringify({ private: true, type: "module" }));
    // The user's own settings say where everything else comes from.
    const { HOME = "" } = process.env;
    const words = ["install", name, "--no-audit", "--no-fund", `--@hxp:registry=${url}`];
    await run("npm", words, { cwd: at, env: { ...process.env, HOME, npm_config_update_notifier: "false" } });
    return { at, locked: JSON.parse(readFileSync(join(at, "package-lock.json"), "utf8")) as Locked };
  }

  test("@hxp/gateway is a gateway in a few lines, with at most ten dependencies and no install scripts", async () => {
    const { at, locked } = await install("@hxp/gateway");
    const { dependencies = {} } = readManifest(join(at, "node_modules/@hxp/gateway"));
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(10);
    expect(scripted(locked)).toEqual([]);
    cpSync(join(root, "examples/gateway.ts"), join(at, "gateway.ts"));
    const { stdout } = await run(process.execPath, ["--no-warnings", "gateway.ts"], { cwd: at, env });
    expect(stdout).toContain("200 parrot/0");
    expect(stdout).toMatch(/^401$/m);
  });

  test("@hxp/cli is a server with a real model, under 150 MB and without install scripts", async () => {
    const { at, locked } = await install("@hxp/cli");
    expect(scripted(locked)).toEqual([]);
    const [kibibytes = ""] = execFileSync("du", ["-sk", join(at, "node_modules")], { encoding: "utf8" }).split("\t");
    expect(Number(kibibytes)).toBeLessThan(150 * 1024);
    const words = ["up", "--json", "--data", join(at, "data"), "--port", "0", "--set", "gateway.probe.port=0"];
    const server = spawn(join(at, "node_modules/.bin/hxp"), words, {
      cwd: at,
      env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    try {
      const started = await readJson<{ url: string; key: string }>(server);
      const [known] = readGuideModel().knownAnswers;
      const answer = await fetch(`${started.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${started.key}`, "content-type": "application/json" },
        body: JSON.stringify({
          model: "guide",
          temperature: 0,
          messages: [{ role: "user", content: known?.question }],
        }),
      });
      expect(await answer.json()).toMatchObject({ choices: [{ message: { content: known?.answer } }] });
    } finally {
      await end(server);
    }
  });
});

function scripted({ packages }: Locked): string[] {
  return Object.entries(packages).flatMap(([path, { hasInstallScript }]) => (hasInstallScript === true ? [path] : []));
}

/** The first object that a process prints. */
async function readJson<Value>({ stdout }: ChildProcess): Promise<Value> {
  if (stdout === null) throw new Error("the process has no standard output");
  let text = "";
  for await (const line of createInterface({ input: stdout })) {
    text += line;
    if (/^\}|\}$/.test(line) && isJson(text)) return JSON.parse(text) as Value;
  }
  throw new Error(`the process ended, having said ${text}`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  child.kill("SIGTERM");
  await ended;
}
