import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { ask } from "./support/ask.ts";
import { run, temporaryFolder } from "./support/make-world.ts";
import { writeSimulated } from "./support/simulated.ts";
import { runHxp, startHxp, waitForUp } from "./support/start-hxp.ts";

const bin = fileURLToPath(new URL("../src/bin.ts", import.meta.url));

/** Makes a key in a folder's storage. */
async function makeKey(cwd: string): Promise<string> {
  const { stdout } = await run(["keys", "create", "--name", "a", "--json"], { cwd });
  return (JSON.parse(stdout) as { secret: string }).secret;
}

test("gateway and model run as two programs, and each is drained by SIGTERM", async () => {
  const cwd = temporaryFolder();
  writeSimulated(cwd);
  const key = await makeKey(cwd);
  const model = startHxp(["serve", "model", "sim", "--json"], { cwd });
  const gateway = startHxp(["serve", "gateway", "--json"], { cwd });
  const socket = join(cwd, ".local/share/hxp/run/sim.sock");
  await vi.waitFor(() => expect(model.stdout()).toContain(socket), { timeout: 50_000 });
  await vi.waitFor(() => expect(gateway.stdout()).toContain("url"), { timeout: 50_000 });
  const { url } = JSON.parse(gateway.stdout()) as { url: string };
  await vi.waitFor(async () => expect((await ask({ url, key, model: "sim", content: "Hello" })).status).toBe(200), {
    timeout: 30_000,
  });
  for (const hxp of [gateway, model]) hxp.signal("SIGTERM");
  expect([await gateway.ended(), await model.ended()]).toEqual([0, 0]);
  expect(existsSync(socket)).toBe(false);
});

test("a second gateway on a data folder is refused, with who has it and what to do", async () => {
  const cwd = temporaryFolder();
  writeSimulated(cwd);
  const first = startHxp(["serve", "gateway", "--json"], { cwd });
  await vi.waitFor(() => expect(first.stdout()).toContain("url"), { timeout: 50_000 });
  const { exitCode, stderr } = await runHxp(["serve", "gateway"], { cwd });
  expect(exitCode).toBe(12);
  expect(stderr).toMatch(
    new RegExp(
      `PLATFORM_RUNNING: Another gateway runs on .*/hxp: process ${first.child.pid} .*audit\\.jsonl.*→ .*--data`,
      "s",
    ),
  );
  const second = startHxp(["serve", "gateway", "--json", "--data", "other"], { cwd });
  await vi.waitFor(() => expect(second.stdout()).toContain("url"), { timeout: 50_000 });
});

test("the gateway takes the socket that systemd passes", async () => {
  const cwd = temporaryFolder();
  writeSimulated(cwd);
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const { fd } = (listener as unknown as { _handle: { fd: number } })._handle;
  // LISTEN_PID is the pid of the program, which nobody knows before it runs.
  const script = `LISTEN_PID=$$ exec "$0" --conditions=@hxp/source "$1" serve gateway --json`;
  const child = spawn("/bin/sh", ["-c", script, process.execPath, bin], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: cwd, LISTEN_FDS: "1", LISTEN_FDNAMES: "hxp-gateway.socket" },
    stdio: ["ignore", "pipe", "pipe", fd],
  });
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    listener.close();
  });
  let stdout = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => void (stdout += text));
  await vi.waitFor(() => expect(stdout).toContain(`http://127.0.0.1:${port}`), { timeout: 50_000 });
});

test("what llama.cpp warns of is in the model's log", async () => {
  const longer = ["--set", "models.serve.guide.contextLength=4096", "--set", "models.serve.guide.sequences=1"];
  const model = startHxp(["serve", "model", "guide", ...longer], { cwd: temporaryFolder() });
  await vi.waitFor(() => expect(model.stderr()).toContain('"event":"engineWarning"'), { timeout: 50_000 });
  const lines = model.stderr().split("\n");
  const line = lines.find((each) => each.includes("engineWarning")) ?? "";
  expect(JSON.parse(line)).toMatchObject({
    level: "warn",
    model: "guide",
    line: expect.stringContaining("n_ctx_train"),
  });
});

test("what the storage cannot do is in the gateway's log", async () => {
  const cwd = temporaryFolder();
  writeSimulated(cwd);
  const gateway = startHxp(["serve", "gateway", "--set", "storage.url=postgres://hxp@127.0.0.1:1/hxp"], { cwd });
  await vi.waitFor(() => expect(gateway.stderr()).toContain('"event":"storageProblem"'), { timeout: 50_000 });
  const line =
    gateway
      .stderr()
      .split("\n")
      .find((each) => each.includes("storageProblem")) ?? "";
  expect(JSON.parse(line)).toMatchObject({ level: "warn", problem: expect.stringContaining("STORAGE_UNAVAILABLE") });
});

test("a model that is not in the configuration is bad usage, and those that are there are named", async () => {
  const cwd = temporaryFolder();
  writeSimulated(cwd);
  const { exitCode, stderr } = await run(["serve", "model", "other"], { cwd });
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/other.*It has sim\./s)]);
});

test("status says what runs, and exits with 14 when it does not answer", async () => {
  const cwd = temporaryFolder();
  writeSimulated(cwd);
  expect(await run(["status"], { cwd })).toMatchObject({
    exitCode: 14,
    stderr: expect.stringContaining("PLATFORM_NOT_RUNNING"),
  });
  const hxp = startHxp(["up", "--json"], { cwd });
  const { url } = await waitForUp(hxp);
  const { exitCode, stdout } = await run(["status"], { cwd });
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(new RegExp(`^${url} is ready.*Models +sim`, "s"))]);
  hxp.signal("SIGSTOP");
  const stopped = await run(["status"], { cwd });
  hxp.signal("SIGCONT");
  expect(stopped).toMatchObject({ exitCode: 14, stdout: expect.stringContaining("is not ready: its probe") });
});
