import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLyingRegistry, type LyingRegistry } from "./support/lying-registry.ts";
import { before as versions, expectFailure, expectSuccess } from "./support/tamper-template.ts";
import { leavingGatesOut, makeTestRoot, type Run, type TestRoot, type TestWorkspace } from "./support/workspace.ts";

/** Project code that writes down all that it can see of the environment and of the user's npmrc. */
const spy = (file: string): string => `
import { appendFileSync as spyAppend, readFileSync as spyRead } from "node:fs";
{
  const spySettings = process.env.npm_config_userconfig;
  let spyNpmrc = "";
  try { spyNpmrc = spyRead(spySettings, "utf8"); } catch {}
  spyAppend(${JSON.stringify(file)}, JSON.stringify({ env: process.env, npmrc: spyNpmrc, settings: spySettings ?? null }) + "\\n");
}
`;

let root: TestRoot;
let registry: LyingRegistry;
let workspace: TestWorkspace;
let tokens: Record<string, string>;
let runs: Run[];
const spied = (place: string): string => join(root.path, `spied-${place}.jsonl`);
const places = ["config", "build", "bin", "import"];

beforeAll(async () => {
  root = makeTestRoot();
  registry = await startLyingRegistry(join(root.path, "company"));
  const host = registry.url.replace("http:", "");
  tokens = {
    npm: registry.token,
    node: "recognisable-node-auth-token",
    npmrc: "recognisable-npmrc-auth-token",
    legacy: Buffer.from("user:recognisable-password").toString("base64"),
  };
  mkdirSync(join(root.path, "home"));
  const npmrc = [
    "save-prefix=~",
    `${host}:_authToken=${tokens["npmrc"]}`,
    `//other.acme.example/:_auth=${tokens["legacy"]}`,
  ];
  writeFileSync(join(root.path, "home/.npmrc"), `${npmrc.join("\n")}\n`);
  const config = {
    build: ["pnpm", "run", "build"],
    nodes: ["24.21.0"],
    managers: ["pnpm"],
    gates: ["contents"],
    registries: { company: { url: registry.url, acceptFirstLatest: true } },
  };
  workspace = root.workspace();
  workspace.write("release.config.mjs", `${spy(spied("config"))}export default ${JSON.stringify(config)};\n`);
  workspace.edit("scripts/build.mjs", (text) => `${spy(spied("build"))}${text}`);
  workspace.edit("libs/cli/src/main.js", (text) => text.replace(/\n/, `\n${spy(spied("bin"))}`));
  workspace.edit("libs/left/src/index.js", (text) => `${spy(spied("import"))}${text}`);
  workspace.commit();
  const home = { HOME: join(root.path, "home"), ...leavingGatesOut };
  const env = { ...home, NPM_TOKEN: tokens["npm"], NODE_AUTH_TOKEN: tokens["node"] };
  const refused = { ...env, NPM_TOKEN: tokens["npmrc"] };
  runs = [
    await workspace.release(["--to", "company", "--verbose"], refused),
    await workspace.release(["--to", "company", "--json"], refused),
    await workspace.release(["--to", "company", "--verbose"], env),
    await workspace.release(["status", "--to", "company", "--json"], env),
    await workspace.release(["rollback", "--to", "company", "--reason", "x", "--json"], env),
  ];
});
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  root?.[Symbol.dispose]();
});

/** Every file below a folder, with its text. */
function readAll(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path, readFileSync(path, "latin1")]);
}

function expectNoToken(where: string, text: string): void {
  for (const [name, token] of Object.entries(tokens)) {
    expect(text.includes(token), `the token ${name} is in ${where}`).toBe(false);
  }
}

test("the run whose traces are read here was a whole one, and the refused ones were refused", async () => {
  const [verbose, json, released, status, rolledBack] = runs as [Run, Run, Run, Run, Run];
  expectFailure(verbose, { exitCode: 1, code: "REGISTRY_UNAUTHORIZED" });
  expect(JSON.parse(json.stdout)).toMatchObject({ exitCode: 1, error: { code: "REGISTRY_UNAUTHORIZED" } });
  for (const run of [released, status, rolledBack]) expectSuccess(run);
  expect(JSON.parse(status.stdout)).toMatchObject({
    channels: Object.entries(versions).map(([name, version]) => ({ package: name, version })),
  });
});

describe("no token reaches project code", () => {
  test.each(places)("in the %s", (place) => {
    expect(existsSync(spied(place)), "the spy has run").toBe(true);
    const text = readFileSync(spied(place), "utf8");
    expectNoToken(place, text);
    for (const line of text.trim().split("\n")) {
      const { env, npmrc, settings } = JSON.parse(line) as { env: object; npmrc: string; settings: string };
      expect(Object.keys(env)).toContain("PATH");
      expect(Object.keys(env)).not.toContain("NPM_TOKEN");
      expect(settings).not.toBe(join(root.path, "home/.npmrc"));
      expect(npmrc).toContain("save-prefix=~");
    }
  });
});

describe("no token is written anywhere", () => {
  test("by the commands, whether they succeed or fail", () => {
    for (const [index, run] of runs.entries()) expectNoToken(`the output of run ${index}`, run.text);
  });

  test("into journal, evidence, log or lease", () => {
    const found = readAll(join(workspace.folder, ".hxp"));
    expect(found.some(([path]) => path.endsWith("journal.jsonl"))).toBe(true);
    expect(found.some(([path]) => path.endsWith("record.sigstore.json"))).toBe(true);
    for (const [path, text] of found) expectNoToken(path, text);
  });

  test("into what is kept for the next run", () => {
    const found = readAll(join(root.path, "cache/hxp-release/work"));
    expect(found.some(([path]) => path.endsWith("environment/npmrc"))).toBe(true);
    for (const [path, text] of found) expectNoToken(path, text);
  });

  test("into the registry's log", () => {
    expect(registry.log.length).toBeGreaterThan(20);
    expectNoToken("the registry's log", registry.log.join("\n"));
  });
});

test("a token of the npmrc alone, wherever CI puts that file, lets one release", async () => {
  const npmrc = join(root.path, "ci.npmrc");
  writeFileSync(npmrc, `${registry.url.replace("http:", "")}:_authToken=\${COMPANY_TOKEN}\n`);
  const env = {
    HOME: join(root.path, "empty"),
    NPM_CONFIG_USERCONFIG: npmrc,
    COMPANY_TOKEN: registry.token,
    ...leavingGatesOut,
  };
  const run = await workspace.release(["--to", "company", "--restore"], env);
  expectSuccess(run);
  expect(await registry.channel("latest")).toEqual(versions);
  for (const place of places) expectNoToken(place, readFileSync(spied(place), "utf8"));
});

test("a registry that answers with the header that it was sent gets no token written anywhere", async () => {
  const copy = workspace.copy();
  copy.change({ "@acme/left": "patch" });
  copy.commit();
  const seen: string[] = [];
  registry.use(({ request, asked, pass, refuse }) => {
    if (!asked.startsWith("PUT")) return pass();
    const { authorization = "" } = request.headers;
    seen.push(authorization);
    return refuse(403, `no: ${authorization}; ${authorization.replace(/^\w+ /, "")}`);
  });
  const env = { HOME: join(root.path, "home"), NPM_TOKEN: tokens["npm"], ...leavingGatesOut };
  for (const flag of ["--verbose", "--json"]) {
    const run = await copy.release(["--to", "company", flag], env);
    expect(run.exitCode, run.text).toBe(1);
    expect(run.text).toContain("no: ");
    expectNoToken(`the output with ${flag}`, run.text);
  }
  expect(seen).toContain(`Bearer ${registry.token}`);
  for (const [path, text] of readAll(join(copy.folder, ".hxp"))) expectNoToken(path, text);
  expect(copy.read(".hxp/journal.jsonl")).toContain("no: ");
});
