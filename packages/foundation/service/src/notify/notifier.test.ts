import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { runChild } from "../testing/child.ts";
import { createNotifier, type NotifierOptions, toAssignments } from "./notifier.ts";

/** Receives datagrams as systemd does; perl is on every Debian (perl-base), and Node cannot. */
const receiver = `
  use Socket; $| = 1;
  my $name = $ARGV[0]; $name =~ s/^@/\\0/;
  socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die $!;
  bind($socket, pack_sockaddr_un($name)) or die $!;
  print "bound\\n";
  while (defined recv($socket, my $message, 8192, 0)) { $message =~ s/\\n/ /g; print "$message\\n"; }`;

async function receive(name: string): Promise<string[]> {
  const child = spawn("perl", ["-e", receiver, name], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const messages: string[] = [];
  const lines = createInterface({ input: child.stdout });
  await once(lines, "line");
  // systemd-notify waits until its message was read, and says so in a message of its own.
  lines.on("line", (line) => void (line.startsWith("BARRIER=1") || messages.push(line.trim())));
  return messages;
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "notify-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Of the Debian package systemd. */
const hasSystemdNotify = spawnSync("systemd-notify", ["--version"]).status === 0;

describe.runIf(hasSystemdNotify)("a socket that takes datagrams", () => {
  test.each([
    ["with a path", () => join(makeFolder(), "notify.sock")],
    ["with an abstract name", () => `@hxp-notify-${process.pid}`],
  ])("%s hears what the service says", async (_, makeName) => {
    const name = makeName();
    const messages = await receive(name);
    const errors: unknown[] = [];
    const notifier = createNotifier({ env: { NOTIFY_SOCKET: name }, onError: (error) => errors.push(error) });
    notifier.notify({ ready: true, status: "ready: \nserving %s 'x'", extendMs: 1_500.2 });
    await notifier.flush();
    notifier.notify({ watchdog: true });
    notifier.notify({ stopping: true });
    await notifier.flush();
    await expect.poll(() => messages.join("|")).toContain("STOPPING=1");
    expect([errors, messages]).toEqual([
      [],
      ["READY=1 STATUS=ready: serving %s 'x' EXTEND_TIMEOUT_USEC=1500200", "WATCHDOG=1", "STOPPING=1"],
    ]);
  });

  test("hears each step of a process", async () => {
    const name = join(makeFolder(), "notify.sock");
    const messages = await receive(name);
    const child = runChild(new URL("../testing/run-streams.ts", import.meta.url), {
      env: { NOTIFY_SOCKET: name, WATCHDOG_USEC: "300000" },
    });
    await child.line({ event: "serviceReady" });
    await expect.poll(() => messages.filter((message) => message.includes("WATCHDOG=1")).length).toBeGreaterThan(2);
    child.process.kill("SIGTERM");
    expect(await child.ended).toBe(0);
    const all = messages.join(" ");
    expect(all).toMatch(/STATUS=starting: .*EXTEND_TIMEOUT_USEC=30000000.*READY=1.*STATUS=ready: serving.*STOPPING=1/);
  });
});

describe("a notifier", () => {
  const collect = (options: Omit<NotifierOptions, "send">) => {
    const sent: string[] = [];
    const gates: PromiseWithResolvers<void>[] = [];
    const send = async (assignments: readonly string[], socket: string): Promise<void> => {
      sent.push(`${socket}: ${assignments.join(" ")}`);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
    };
    return { notifier: createNotifier({ ...options, send }), sent, gates };
  };

  test("says nothing where nobody listens", async () => {
    const { notifier, sent } = collect({ env: {} });
    notifier.notify({ ready: true });
    await notifier.flush();
    expect([sent, notifier.watchdogMs]).toEqual([[], undefined]);
  });

  test("sends one message at a time, and of what waits meanwhile only the last values", async () => {
    const { notifier, sent, gates } = collect({ env: { NOTIFY_SOCKET: "s" } });
    notifier.notify({ status: "one" });
    notifier.notify({ status: "two", extendMs: 1 });
    notifier.notify({ status: "three" });
    expect(sent).toEqual(["s: STATUS=one"]);
    gates[0]?.resolve();
    await expect.poll(() => sent).toHaveLength(2);
    gates[1]?.resolve();
    await notifier.flush();
    expect(sent).toEqual(["s: STATUS=one", "s: STATUS=three EXTEND_TIMEOUT_USEC=1000"]);
  });

  test("goes on after a message that could not be sent", async () => {
    const errors: string[] = [];
    const notifier = createNotifier({
      env: { NOTIFY_SOCKET: "s" },
      send: (assignments) => Promise.reject(new Error(assignments.join(" "))),
      onError: (error) => errors.push((error as Error).message),
    });
    notifier.notify({ status: "one" });
    await notifier.flush();
    notifier.notify({ status: "two" });
    await notifier.flush();
    expect(errors).toEqual(["STATUS=one", "STATUS=two"]);
  });

  test("takes the variables away that are for this process", () => {
    const env = { NOTIFY_SOCKET: "s", WATCHDOG_USEC: "30000000", WATCHDOG_PID: "7", OTHER: "stays" };
    expect(collect({ env, pid: 7 }).notifier.watchdogMs).toBe(30_000);
    expect(env).toEqual({ OTHER: "stays" });
    const others = { NOTIFY_SOCKET: "s", WATCHDOG_USEC: "30000000", WATCHDOG_PID: "7" };
    expect(collect({ env: others, pid: 8 }).notifier.watchdogMs).toBeUndefined();
  });

  test("keeps a status from setting another variable", () => {
    expect(toAssignments({ status: "loading\nREADY=1" })).toEqual([["STATUS", "loading READY=1"]]);
  });
});
