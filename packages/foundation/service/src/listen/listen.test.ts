import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { listen } from "./listen.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "listen-"));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

function makeServer(): Server {
  const server = createServer((socket) => socket.end());
  onTestFinished(() => void server.close());
  return server;
}

describe("listen", () => {
  test("takes any free port of the loopback address for port 0, and says which", async () => {
    const { address, port, socket } = await listen(makeServer(), { port: 0 });
    expect(address).toBe(`http://127.0.0.1:${port}`);
    expect([port, socket]).toEqual([expect.any(Number), undefined]);
  });

  test("names the port and the process when the port is taken", async () => {
    const { port = 0 } = await listen(makeServer(), { port: 0 });
    await expect(listen(makeServer(), { port })).rejects.toMatchObject({
      code: "LISTEN_ADDRESS_IN_USE",
      message: expect.stringMatching(
        new RegExp(`^port ${port} of 127.0.0.1 is in use by process ${process.pid} \\(.+\\)\\.$`),
      ),
    });
  });

  test.runIf(process.platform === "linux").each([
    [["--stack-trace-limit=5", "SCRIPT", "--token=abc"], "node hold.cjs"],
    [["-e", "CODE"], "node"],
  ])("calls the process %j by its program and script, whatever its threads are called", async (words, command) => {
    const code = `const server = require("node:net").createServer().listen(0, "127.0.0.1", () => console.log(server.address().port));`;
    writeFileSync(join(folder, "hold.cjs"), code);
    const args = words.map((word) => word.replace("SCRIPT", join(folder, "hold.cjs")).replace("CODE", code));
    const child = spawn(process.execPath, args);
    onTestFinished(() => void child.kill("SIGKILL"));
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    await expect(listen(makeServer(), { port: Number(port) })).rejects.toMatchObject({
      message: `port ${Number(port)} of 127.0.0.1 is in use by process ${child.pid} (${command}).`,
    });
  });

  test.each([
    ["an address of another computer", { host: "192.0.2.1", port: 0 }, "192.0.2.1"],
    ["a port that is none", { port: 70_000 }, "70000"],
    ["a descriptor that is not open", { descriptor: 999_999 }, "descriptor 999999"],
  ])("refuses %s", async (_, address, named) => {
    await expect(listen(makeServer(), address)).rejects.toMatchObject({
      code: "LISTEN_ADDRESS_INVALID",
      message: expect.stringContaining(named),
    });
  });

  const unprivileged = Number(process.getuid?.()) === 0 ? { uid: 65_534, gid: 65_534 } : {};
  test.runIf(process.platform === "linux")("says when the system does not let the user have a low port", async () => {
    const script = `
      import { createServer } from "node:http";
      import { listen } from ${JSON.stringify(new URL("./listen.ts", import.meta.url).href)};
      await listen(createServer(), { port: 1 }).catch(({ code, message }) => console.log(code, message));
      process.exit();`;
    const lowest = Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
    expect(lowest, "this computer lets anyone have every port").toBeGreaterThan(1);
    const child = spawn(
      process.execPath,
      ["--conditions=@hxp/source", "--input-type=module", "-e", script],
      unprivileged,
    );
    const [said] = (await once(child.stdout, "data")) as [Buffer];
    expect(String(said)).toBe("LISTEN_DENIED This user may not listen on port 1 of 127.0.0.1.\n");
  });
});

describe("a unix socket", () => {
  const path = () => join(folder, "run.sock");

  test.each([
    [undefined, 0o600],
    [0o660, 0o660],
  ] as const)("made with mode %o has mode %o, and goes with its server", async (mode, expected) => {
    const server = makeServer();
    const address = mode === undefined ? { socket: path() } : { socket: path(), mode };
    expect(await listen(server, address)).toEqual({ address: `unix:${path()}`, socket: path() });
    expect(statSync(path()).mode & 0o777).toBe(expected);
    await once(server.close(), "close");
    expect(existsSync(path())).toBe(false);
  });

  test("that a killed process left behind is replaced", async () => {
    const script = `require("node:net").createServer().listen(${JSON.stringify(path())}, () => console.log("up"))`;
    const child = spawn(process.execPath, ["-e", script]);
    await once(child.stdout, "data");
    await expect(listen(makeServer(), { socket: path() })).rejects.toMatchObject({ code: "LISTEN_ADDRESS_IN_USE" });
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(existsSync(path())).toBe(true);
    expect(await listen(makeServer(), { socket: path() })).toMatchObject({ socket: path() });
  });

  test("never replaces a file", async () => {
    writeFileSync(path(), "data");
    await expect(listen(makeServer(), { socket: path() })).rejects.toMatchObject({
      code: "LISTEN_ADDRESS_INVALID",
      message: `${path()} exists and is not a socket; it is left as it is.`,
    });
    expect(statSync(path()).size).toBe(4);
  });

  test("needs a folder, and a path that fits", async () => {
    const missing = join(folder, "none", "run.sock");
    await expect(listen(makeServer(), { socket: missing })).rejects.toMatchObject({ code: "LISTEN_ADDRESS_INVALID" });
    const long = join(folder, "x".repeat(120));
    await expect(listen(makeServer(), { socket: long })).rejects.toMatchObject({
      code: "LISTEN_ADDRESS_INVALID",
      message: expect.stringContaining("at most 107"),
    });
  });
});
