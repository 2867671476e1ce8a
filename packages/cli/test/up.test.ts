import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { readGuideModel } from "@hxp/model-guide";
import { ask, readAnswer } from "./support/ask.ts";
import { temporaryFolder } from "./support/make-world.ts";
import { writeSimulated } from "./support/simulated.ts";
import { isAlive, type RunningHxp, runHxp, startHxp, type Up, waitForText, waitForUp } from "./support/start-hxp.ts";

const run = promisify(execFile);
const free = ["--port", "0", "--set", "gateway.probe.port=0"];

/** Process ids of the models' processes of a server. */
function modelPids(hxp: RunningHxp): number[] {
  const { pid } = hxp.child;
  if (pid === undefined) return [];
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .split(" ")
    .filter((each) => each !== "")
    .map(Number);
}

interface LogLine {
  event: string;
  phase?: string;
  service: string;
}

describe("the first run", () => {
  test("answers a known question with the printed command and snippet, as they are pasted", async () => {
    const cwd = temporaryFolder();
    const hxp = startHxp(["up", ...free], { cwd });
    await waitForText(hxp, /^Stop .*\n/m);
    const text = hxp.stdout();
    const [known] = readGuideModel().knownAnswers;

    const curl = /^ {2}(curl .*?')\n\n/ms.exec(text)?.[1] ?? "";
    const { stdout } = await run("/bin/sh", ["-c", curl]);
    const pieces = [...stdout.matchAll(/^data: (\{.*\})$/gm)].map(
      ([, json = ""]) => JSON.parse(json) as { choices: { delta: { content?: string } }[] },
    );
    expect(pieces.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe(known?.answer);
    expect(stdout.trimEnd()).toMatch(/^data: \[DONE\]$/m);

    const sdk = /in ask\.mjs:\n\n(.*?)\n\n(?=The model)/s.exec(text)?.[1] ?? "";
    const modules = fileURLToPath(new URL("../../../node_modules", import.meta.url));
    symlinkSync(modules, join(cwd, "node_modules"));
    writeFileSync(join(cwd, "ask.mjs"), sdk);
    expect((await run(process.execPath, ["ask.mjs"], { cwd })).stdout).toBe(known?.answer);
  });

  test("says everything as one JSON object, and nothing else, with --json", async () => {
    const cwd = temporaryFolder();
    const hxp = startHxp(["up", ...free, "--json"], { cwd });
    const up = await waitForUp(hxp);
    expect(up).toMatchObject({ models: ["guide"], data: join(cwd, ".local/share/hxp") });
    expect(up.questions?.questions).toHaveLength(3);
    expect((await fetch(`${up.probe}/readyz`)).status).toBe(200);
    hxp.signal("SIGINT");
    expect(await hxp.ended()).toBe(0);
    expect(JSON.parse(hxp.stdout())).toEqual(up);
  });

  test("logs each phase of a model's start once, in a pipe", async () => {
    const cwd = temporaryFolder();
    const hxp = startHxp(["up", ...free, "--json"], { cwd });
    await waitForUp(hxp);
    const read = () => {
      const lines = hxp.stderr().split("\n").slice(0, -1);
      return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as LogLine);
    };
    // After these lines there is none of a start.
    const ready = () => read().filter(({ event }) => event === "serviceReady");
    await vi.waitFor(() => expect(ready()).toHaveLength(2), { timeout: 30_000 });
    const events = read();
    const phases = events.filter(({ event }) => event === "servicePhase");
    const loading = phases.filter(({ phase }) => phase?.includes("loading"));
    expect(loading.map(({ service, phase }) => [service, phase])).toEqual([["model-guide", "loading"]]);
    expect(phases.filter(({ service }) => service === "hxp").map(({ phase }) => phase)).toEqual([
      "opening the gateway",
      "proving",
    ]);
  });

  test("keeps its pepper, database and sockets from other users", async () => {
    const cwd = temporaryFolder();
    const up = await waitForUp(startHxp(["up", ...free, "--json", "--data", "d"], { cwd }));
    const modeOf = (path: string): number => statSync(join(up.data, path)).mode & 0o777;
    expect([".", "run", "keys", "storage"].map(modeOf)).toEqual([0o700, 0o700, 0o700, 0o700]);
    expect(modeOf("keys/pepper")).toBe(0o600);
    const stored = readdirSync(join(up.data, "storage")).map((name) => readFileSync(join(up.data, "storage", name)));
    const secret = up.key?.split("_")[2] ?? "";
    expect(secret).not.toBe("");
    expect(stored.some((bytes) => bytes.includes(secret))).toBe(false);
  });

  test("follows hxp init and hxp config check", async () => {
    const cwd = temporaryFolder();
    expect(await runHxp(["init"], { cwd })).toMatchObject({ exitCode: 0 });
    expect(await runHxp(["config", "check"], { cwd })).toMatchObject({ exitCode: 0 });
    const up = await waitForUp(startHxp(["up", ...free, "--json"], { cwd }));
    const [known] = readGuideModel().knownAnswers;
    const response = await ask({ ...up, key: up.key, model: "guide", content: known?.question ?? "" });
    expect(await readAnswer(response)).toBe(known?.answer);
  });
});

describe("what keeps it from starting is said with what to do", () => {
  test("a port that is taken", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void holder.close());
    await once(holder, "listening");
    const { port } = holder.address() as { port: number };
    const cwd = temporaryFolder();
    const { exitCode, stderr } = await runHxp(["up", "--port", String(port), "--set", "gateway.probe.port=0"], { cwd });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(new RegExp(`LISTEN_ADDRESS_IN_USE: port ${port} .*process ${process.pid}.*→ .*--port`, "s"));
  });

  test("a data folder that cannot be made", async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, "file"), "");
    const { exitCode, stderr } = await runHxp(["up", ...free, "--data", "file/data"], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/DATA_UNWRITABLE: .*file\/data.*→ .*--data/s);
  });

  test("too little memory", async () => {
    const cwd = temporaryFolder();
    const reserve = `models.serve.guide.memoryReserve=${2 ** 50}`;
    const { exitCode, stderr, stdout } = await runHxp(["up", ...free, "--set", reserve], { cwd });
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/MODEL_PROCESS_FAILED: MODEL_MEMORY_EXCEEDED: .*memory.*→ .*smaller/s);
  });

  test("a second server on the same data folder", async () => {
    const cwd = temporaryFolder();
    writeSimulated(cwd);
    const hxp = startHxp(["up", "--json"], { cwd });
    const { url } = await waitForUp(hxp);
    const { exitCode, stdout } = await runHxp(["up", "--json"], { cwd });
    expect(exitCode).toBe(12);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "PLATFORM_RUNNING", message: expect.stringContaining(url) },
    });
    expect(await runHxp(["status", "--json"], { cwd })).toMatchObject({ exitCode: 0 });
  });

  test("a mistake in hxp.yaml, with its line", async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, "hxp.yaml"), "schema: 1\nname: x\ngateway:\n  listen: { prot: 1 }\n");
    const { exitCode, stderr } = await runHxp(["up"], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/hxp\.yaml:4:\d+: error: .*did you mean port/);
  });
});

test("a server in front of another one needs no model of its own", async () => {
  const [behind, before] = [temporaryFolder(), temporaryFolder()];
  writeSimulated(behind, { answers: { Hello: "Hello from behind." } });
  const other = await waitForUp(startHxp(["up", "--json"], { cwd: behind }));
  const upstream = { url: `${other.url}/v1`, model: "sim", token: "${env:OTHER_KEY}" };
  const gateway = { listen: { port: 0 }, probe: { port: 0 }, models: { far: { upstreams: [upstream] } } };
  writeFileSync(join(before, "hxp.yaml"), JSON.stringify({ schema: 1, name: "front", gateway }));
  const variables = { OTHER_KEY: other.key ?? "" };
  const up = await waitForUp(startHxp(["up", "--json"], { cwd: before, variables }));
  expect(up.models).toEqual(["far"]);
  const response = await ask({ ...up, key: up.key, model: "far", content: "Hello" });
  expect(await readAnswer(response)).toBe("Hello from behind.");
});

describe("Ctrl-C", () => {
  const slow = { tokensPerSecond: 10, answerTokens: [20, 20] };

  async function startStream() {
    const cwd = temporaryFolder();
    writeSimulated(cwd, slow);
    const hxp = startHxp(["up", "--json"], { cwd });
    const up = await waitForUp(hxp);
    const response = await ask({ ...up, key: up.key, model: "sim", content: "Hello", stream: true });
    expect(response.status).toBe(200);
    return { hxp, up, response };
  }

  test("finishes a stream that runs, says how many are left, and leaves nothing behind", async () => {
    const { hxp, up, response } = await startStream();
    const pids = modelPids(hxp);
    expect(pids).toHaveLength(1);
    hxp.signal("SIGINT");
    await vi.waitFor(() => expect(hxp.stderr()).toContain("Stopping: 1 answers still run"), { timeout: 30_000 });
    const text = await response.text();
    expect(text).toContain('"finish_reason":"stop"');
    expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
    expect(await hxp.ended()).toBe(0);
    expect(hxp.stderr()).toContain("Stopped: 1 answers were finished, 0 were cut off.");
    expect(pids.filter(isAlive)).toEqual([]);
    expect(readdirSync(join(up.data, "run"))).toEqual([]);
  });

  test("twice ends at once, without orphans", async () => {
    const { hxp, response } = await startStream();
    const pids = modelPids(hxp);
    hxp.signal("SIGINT");
    await vi.waitFor(() => expect(hxp.stderr()).toContain("Stopping: 1 answers still run"), { timeout: 30_000 });
    hxp.signal("SIGINT");
    expect(await hxp.ended()).toBe(130);
    await expect(response.text()).rejects.toThrow("terminated");
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 30_000 });
  });

  test("while it still starts ends it, without orphans", async () => {
    const cwd = temporaryFolder();
    const hxp = startHxp(["up", ...free, "--data", join(cwd, "d")], { cwd });
    await vi.waitFor(() => expect(modelPids(hxp)).toHaveLength(1), { timeout: 30_000 });
    const pids = modelPids(hxp);
    hxp.signal("SIGINT");
    expect(await hxp.ended()).toBe(130);
    expect(hxp.stderr()).toContain("Stopped.");
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 30_000 });
  });
});

describe("after kill -9", () => {
  test("the models' processes end, and the next start has the keys and the usage", async () => {
    const cwd = temporaryFolder();
    writeSimulated(cwd, { answerTokens: [8, 8] });
    const first = startHxp(["up", "--json"], { cwd });
    const before = await waitForUp(first);
    const { key } = before;
    const pids = modelPids(first);
    const response = await ask({ ...before, key, model: "sim", content: "Hello" });
    expect(response.status).toBe(200);
    await response.text();
    const usage = async () =>
      (JSON.parse((await runHxp(["usage", "--json"], { cwd })).stdout) as { usage: { requests: number }[] }).usage;
    const used = { requests: 1, name: "first", completionTokens: 8 };
    await vi.waitFor(async () => expect(await usage()).toMatchObject([used]), {
      timeout: 30_000,
    });
    first.signal("SIGKILL");
    expect(await first.ended()).toBe("SIGKILL");
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 30_000 });
    expect(await runHxp(["status"], { cwd })).toMatchObject({
      exitCode: 14,
      stderr: expect.stringContaining("PLATFORM_NOT_RUNNING"),
    });

    const after: Up = await waitForUp(startHxp(["up", "--json"], { cwd }));
    expect(after.key).toBeUndefined();
    expect(await usage()).toMatchObject([used]);
    expect((await ask({ ...after, key, model: "sim", content: "Hello" })).status).toBe(200);
  });

  test("of a model, it is started again and answers", async () => {
    const cwd = temporaryFolder();
    writeSimulated(cwd);
    const hxp = startHxp(["up", "--json"], { cwd });
    const up = await waitForUp(hxp);
    const [pid] = modelPids(hxp);
    if (pid === undefined) expect.fail("the model has no process");
    const askIt = async (): Promise<number> =>
      (await ask({ ...up, key: up.key, model: "sim", content: "Hello" })).status;
    process.kill(pid, "SIGKILL");
    // Requests meanwhile make the gateway leave the model alone; nobody waits for that to be over.
    while (!hxp.stderr().includes("A model is back")) await askIt();
    expect(await askIt()).toBe(200);
  });
});

test("a model that dies again and again is given up, and with the last one the server ends and says why", async () => {
  const cwd = temporaryFolder();
  writeSimulated(cwd);
  const hxp = startHxp(["up", "--json"], { cwd });
  await waitForUp(hxp);
  const killing = setInterval(() => {
    if (hxp.child.exitCode !== null) return;
    for (const pid of modelPids(hxp)) process.kill(pid, "SIGKILL");
  }, 100);
  onTestFinished(() => clearInterval(killing));
  expect(await hxp.ended()).toBe(1);
  clearInterval(killing);
  const failure = JSON.parse(hxp.stdout().slice(hxp.stdout().indexOf("}\n") + 2)) as object;
  expect(failure).toMatchObject({
    error: { code: "MODEL_PROCESS_FAILED", message: expect.stringMatching(/sim ended 5 times.*SIGKILL/) },
  });
});

test("a socket that a killed server left is no obstacle", async () => {
  const cwd = temporaryFolder();
  writeSimulated(cwd);
  const socket = join(cwd, "d", "run", "sim.sock");
  mkdirSync(dirname(socket), { recursive: true });
  await run(process.execPath, [
    "-e",
    `require("net").createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, "SIGKILL"))`,
  ]).catch(() => {});
  expect(statSync(socket).isSocket()).toBe(true);
  await waitForUp(startHxp(["up", "--json", "--data", "d"], { cwd }));
});
