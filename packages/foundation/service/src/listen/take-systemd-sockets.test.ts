import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { takeSystemdSockets } from "./take-systemd-sockets.ts";

const env = (variables: Record<string, string>): Record<string, string | undefined> => ({
  LISTEN_PID: "7",
  ...variables,
});

test("sockets are found by their names, and the variables are gone", () => {
  const variables = env({ LISTEN_FDS: "2", LISTEN_FDNAMES: "public:admin", OTHER: "stays" });
  expect([...takeSystemdSockets(variables, 7)]).toEqual([
    ["public", 3],
    ["admin", 4],
  ]);
  expect(variables).toEqual({ OTHER: "stays" });
  expect(takeSystemdSockets(variables, 7).size).toBe(0);
});

test("sockets of another process are not taken", () => {
  expect(takeSystemdSockets(env({ LISTEN_FDS: "1", LISTEN_FDNAMES: "public" }), 8).size).toBe(0);
  expect(takeSystemdSockets({}, 7).size).toBe(0);
});

test("one socket without a name is called unknown, as systemd calls it", () => {
  expect([...takeSystemdSockets(env({ LISTEN_FDS: "1" }), 7)]).toEqual([["unknown", 3]]);
});

test.each([
  [{ LISTEN_FDS: "two" }, "LISTEN_FDS"],
  [{ LISTEN_FDS: "-1" }, "LISTEN_FDS"],
  [{ LISTEN_FDS: "99999" }, "LISTEN_FDS"],
  [{ LISTEN_FDS: "2", LISTEN_FDNAMES: "public:public" }, "public"],
])("%j is refused", (variables, named) => {
  expect(() => takeSystemdSockets(env(variables), 7)).toThrow(
    expect.objectContaining({ code: "LISTEN_SOCKETS_INVALID", message: expect.stringContaining(named) }),
  );
});

test("a server answers on a socket that somebody else listens on, and its children do not get it", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as { port: number };
  const { fd } = (holder as unknown as { _handle: { fd: number } })._handle;
  const here = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
  const script = `
    import { execFileSync } from "node:child_process";
    import { createServer } from "node:http";
    import { listen } from ${here("./listen.ts")};
    import { takeSystemdSockets } from ${here("./take-systemd-sockets.ts")};
    const server = createServer((_, response) => response.end("passed on"));
    const { address } = await listen(server, { descriptor: takeSystemdSockets().get("public") });
    const inherited = execFileSync("sh", ["-c", "readlink /proc/$$/fd/3 || echo none"], { encoding: "utf8" }).trim();
    console.log(address, inherited, "LISTEN_FDS" in process.env);`;
  // LISTEN_PID is the process that systemd starts, so the shell becomes it.
  const command = `LISTEN_PID=$$ exec "$0" --conditions=@hxp/source --input-type=module -e "$1"`;
  const child = spawn("sh", ["-c", command, process.execPath, script], {
    env: { PATH: process.env["PATH"], LISTEN_FDS: "1", LISTEN_FDNAMES: "public" },
    stdio: ["ignore", "pipe", "inherit", fd],
  });
  const [said] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  expect(String(said).trim()).toMatch(new RegExp(`^http://127.0.0.1:${port} none false$`));
  holder.close();
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("passed on");
  child.kill("SIGKILL");
  await once(child, "exit");
});
