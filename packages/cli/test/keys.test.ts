import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { ask } from "./support/ask.ts";
import { run, temporaryFolder } from "./support/make-world.ts";
import { writeSimulated } from "./support/simulated.ts";
import { runHxp, startHxp, waitForUp } from "./support/start-hxp.ts";

interface Made {
  secret: string;
  key: { id: string; name: string; state: string };
}

/** Runs a command that prints JSON and gives it back. */
async function json<T>(args: readonly string[], cwd: string): Promise<T> {
  const { exitCode, stdout, stderr } = await run([...args, "--json"], { cwd });
  expect([exitCode, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as T;
}

describe("keys", () => {
  test("live their life beside a server that runs", async () => {
    const cwd = temporaryFolder();
    writeSimulated(cwd);
    const { url } = await waitForUp(startHxp(["up", "--json"], { cwd }));
    const statusOf = async (key: string): Promise<number> => {
      const response = await ask({ url, key, model: "sim", content: "Hello" });
      await response.text();
      return response.status;
    };
    // A server asks for changes every second.
    const soon = { timeout: 30_000, interval: 200 };

    const made = await json<Made>(["keys", "create", "--name", "laptop", "--team", "platform", "--rpm", "100"], cwd);
    await vi.waitFor(async () => expect(await statusOf(made.secret)).toBe(200), soon);

    const renewed = await json<Made>(["keys", "rotate", made.key.id, "--overlap", "1h"], cwd);
    expect(renewed.secret).not.toBe(made.secret);
    expect(renewed.key).toMatchObject({ id: made.key.id, state: "rotating" });
    await vi.waitFor(async () => expect(await statusOf(renewed.secret)).toBe(200), soon);
    expect(await statusOf(made.secret)).toBe(200);

    await json(["keys", "revoke", made.key.id], cwd);
    await vi.waitFor(async () => expect(await statusOf(renewed.secret)).toBe(401), soon);
    expect(await statusOf(made.secret)).toBe(401);

    const { keys } = await json<{ keys: Made["key"][] }>(["keys", "list"], cwd);
    expect(keys.map(({ name, state }) => [name, state])).toEqual(
      expect.arrayContaining([
        ["first", "active"],
        ["laptop", "revoked"],
      ]),
    );
    expect(JSON.stringify(keys)).not.toMatch(/hash/i);
  });

  test("are what was asked for", async () => {
    const cwd = temporaryFolder();
    const flags =
      "--name ci --owner ada --models a,b --endpoints chat,embeddings --tpm 9 --concurrency 2 --budget-tokens 5 --budget-period day --expires 2099-01-01 --admin --priority bulk";
    const { key } = await json<{ key: object }>(["keys", "create", ...flags.split(" ")], cwd);
    expect(key).toMatchObject({
      name: "ci",
      owner: "ada",
      models: ["a", "b"],
      endpoints: ["chat", "embeddings"],
      limits: { tokensPerMinute: 9, concurrency: 2, budget: { period: "day", tokens: 5 } },
      expiresAt: "2099-01-01T00:00:00.000Z",
      admin: true,
      priority: "bulk",
      state: "active",
    });
  });

  test.each([
    [["create"], "--name"],
    [["create", "--name", "a", "--rpm", "many"], "many"],
    [["create", "--name", "a", "--team", "No Team"], "team"],
    [["create", "--name", "a", "--endpoints", "images"], "endpoints"],
    [["create", "--name", "a", "--expires", "tomorrow"], "tomorrow"],
    [["create", "--name", "a", "--budget-period", "week"], "week"],
    [["rotate", "0000000000000000"], "KEY_UNKNOWN"],
    [["revoke", "0000000000000000"], "KEY_UNKNOWN"],
  ])("are not made or changed by %j", async (args, named) => {
    const cwd = temporaryFolder();
    const { exitCode, stdout, stderr } = await run(["keys", ...args], { cwd });
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(named);
    expect((await json<{ keys: [] }>(["keys", "list"], cwd)).keys).toEqual([]);
  });

  test("are named by their id in messages, even when somebody passes the whole key", async () => {
    const secret = "A".repeat(43);
    const { stderr } = await run(["keys", "revoke", `hxp_0123456789abcdef_${secret}`]);
    expect(stderr).toContain("0123456789abcdef");
    expect(stderr).not.toContain(secret);
  });

  test("are listed from the oldest to the newest", async () => {
    const cwd = temporaryFolder();
    const names = ["d", "b", "a", "e", "c", "f"];
    for (const name of names) await json(["keys", "create", "--name", name], cwd);
    const { keys } = await json<{ keys: Made["key"][] }>(["keys", "list"], cwd);
    expect(keys.map(({ name }) => name)).toEqual(names);
  });

  test("made by many commands at once are all there, under one pepper", async () => {
    const cwd = temporaryFolder();
    const names = ["a", "b", "c", "d"];
    const runs = await Promise.all(names.map((name) => runHxp(["keys", "create", "--name", name], { cwd })));
    expect(runs.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(names.map(() => [0, ""]));
    const { keys } = await json<{ keys: Made["key"][] }>(["keys", "list"], cwd);
    expect(keys.map(({ name }) => name).toSorted()).toEqual(names);
  });
});

describe("the operator's audit log", () => {
  test("has who did what to which key, never a secret, and is what was written", async () => {
    const cwd = temporaryFolder();
    const { secret, key } = await json<Made>(["keys", "create", "--name", "laptop"], cwd);
    await json(["keys", "rotate", key.id], cwd);
    await json(["keys", "revoke", key.id], cwd);
    await json(["keys", "revoke", key.id], cwd);
    const file = join(cwd, ".local/share/hxp/audit-operator.jsonl");
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const records = lines.map((line) => JSON.parse(line) as { event: string; target: string; outcome: string });
    expect(records.map(({ event, target, outcome }) => [event, target, outcome])).toEqual(
      ["key.created", "key.rotated", "key.revoked"].map((event) => [event, key.id, "done"]),
    );
    expect(lines.join("\n")).not.toContain(secret.split("_")[2]);
    const verdict = await json<{ ok: boolean; logs: { head: { count: number } }[] }>(["audit", "verify"], cwd);
    expect(verdict).toMatchObject({ ok: true, logs: [{ file, head: { count: 3 } }] });
  });

  test("that was edited is found, exit code 14", async () => {
    const cwd = temporaryFolder();
    await json(["keys", "create", "--name", "laptop"], cwd);
    const file = join(cwd, ".local/share/hxp/audit-operator.jsonl");
    writeFileSync(file, readFileSync(file, "utf8").replace("laptop", "lapdog"));
    const { exitCode, stdout } = await run(["audit", "verify"], { cwd });
    expect(exitCode).toBe(14);
    expect(stdout).toMatch(/was changed after it was written.*:1: /s);
  });

  test("that is broken lets nobody change a key", async () => {
    const cwd = temporaryFolder();
    await json(["keys", "create", "--name", "laptop"], cwd);
    const file = join(cwd, ".local/share/hxp/audit-operator.jsonl");
    writeFileSync(file, readFileSync(file, "utf8").replace("laptop", "lapdog"));
    expect(await run(["keys", "create", "--name", "other"], { cwd })).toMatchObject({
      exitCode: 15,
      stderr: expect.stringContaining("AUDIT_LOG_BROKEN"),
    });
    expect((await json<{ keys: object[] }>(["keys", "list"], cwd)).keys).toHaveLength(1);
  });
});
