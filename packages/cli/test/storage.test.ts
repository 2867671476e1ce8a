import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ask } from "./support/ask.ts";
import { run, temporaryFolder } from "./support/make-world.ts";
import { postgresIsMissing, startPostgres } from "./support/start-postgres.ts";
import { writeSimulated } from "./support/simulated.ts";
import { startHxp, waitForUp } from "./support/start-hxp.ts";

async function json<T>(args: readonly string[], options: Parameters<typeof run>[1]): Promise<T> {
  const { exitCode, stdout, stderr } = await run([...args, "--json"], options);
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

interface Status {
  version: number;
  programVersion: number;
  pending: object[];
}

describe("storage", () => {
  test("goes up and down", async () => {
    const cwd = temporaryFolder();
    const empty = await json<Status>(["storage", "status"], { cwd });
    expect(empty).toMatchObject({ version: 0 });
    await json(["storage", "migrate"], { cwd });
    expect(await json<Status>(["storage", "status"], { cwd })).toMatchObject({
      version: empty.programVersion,
      pending: [],
    });
    await json(["storage", "down", "--to", String(empty.programVersion - 1)], { cwd });
    expect((await json<Status>(["storage", "status"], { cwd })).version).toBe(empty.programVersion - 1);
  });

  test("is not taken down under a server that runs", async () => {
    const cwd = temporaryFolder();
    writeSimulated(cwd);
    await waitForUp(startHxp(["up", "--json"], { cwd }));
    const { exitCode, stderr } = await run(["storage", "down", "--to", "1"], { cwd });
    expect([exitCode, stderr]).toEqual([12, expect.stringContaining("PLATFORM_RUNNING")]);
  });

  test("moves from one folder to another, once", async () => {
    const cwd = temporaryFolder();
    await json(["keys", "create", "--name", "a"], { cwd });
    const exported = await json<{ tables: object }>(["storage", "export", "out"], { cwd });
    expect(existsSync(join(cwd, "out", "manifest.json"))).toBe(true);
    const imported = await json<{ tables: object; added: object }>(["storage", "import", "out", "--data", "d"], {
      cwd,
    });
    expect(imported).toMatchObject({ tables: exported.tables, added: { keys: 1 } });
    expect(await json(["storage", "import", "out", "--data", "d"], { cwd })).toMatchObject({ added: { keys: 0 } });
    expect(await run(["storage", "export", "out"], { cwd })).toMatchObject({ exitCode: 2 });
  });
});

describe.skipIf(postgresIsMissing)("PostgreSQL", () => {
  test("takes what the embedded database had, and a server goes on with the same key", async () => {
    const cwd = temporaryFolder();
    writeSimulated(cwd);
    const { secret } = await json<{ secret: string }>(["keys", "create", "--name", "a"], { cwd });
    await json(["storage", "export", "out"], { cwd });
    const { url } = await startPostgres();
    const moved = ["--set", `storage.url=${url}`];
    expect(await json(["storage", "import", "out", ...moved], { cwd })).toMatchObject({ added: { keys: 1 } });

    const up = await waitForUp(startHxp(["up", "--json", ...moved], { cwd }));
    expect(up.key).toBeUndefined();
    expect((await ask({ ...up, key: secret, model: "sim", content: "Hello" })).status).toBe(200);
    const made = await json<{ secret: string }>(["keys", "create", "--name", "b", ...moved], { cwd });
    expect((await ask({ ...up, key: made.secret, model: "sim", content: "Hello" })).status).toBe(200);
  });

  test("with manual migrations is not changed by a server, which says what to run, unless it is told to", async () => {
    const cwd = temporaryFolder();
    writeSimulated(cwd);
    const { url } = await startPostgres();
    const manual = ["--set", `storage.url=${url}`, "--set", "storage.migration=manual"];
    const refused = startHxp(["up", ...manual], { cwd });
    expect(await refused.ended()).toBeGreaterThan(0);
    expect(refused.stderr()).toMatch(/STORAGE_VERSION_UNSUPPORTED: .*→ .*hxp storage migrate/s);
    await waitForUp(startHxp(["up", "--json", "--migrate", ...manual], { cwd }));
  });

  test("that does not answer is named", async () => {
    const cwd = temporaryFolder();
    writeSimulated(cwd);
    const url = "postgres://hxp@127.0.0.1:1/hxp";
    const { exitCode, stderr } = await run(["keys", "list", "--set", `storage.url=${url}`], { cwd });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("STORAGE_UNAVAILABLE")]);
  });
});

test("usage is summed up by key, team and model, as a table, JSON and CSV", async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "hxp.yaml"), "schema: 1\nname: test\n");
  expect(await run(["usage"], { cwd })).toMatchObject({ exitCode: 0, stdout: "Nothing was used in this time.\n" });
  const csv = await run(["usage", "--by", "team", "--csv"], { cwd });
  expect(csv.stdout).toBe("team,name,requests,promptTokens,cachedTokens,completionTokens,cost\r\n");
  expect(await json(["usage", "--by", "model", "--since", "2026-01-01", "--until", "2026-02-01"], { cwd })).toEqual({
    by: "model",
    since: "2026-01-01T00:00:00.000Z",
    until: "2026-02-01T00:00:00.000Z",
    usage: [],
  });
  expect(await run(["usage", "--since", "yesterday"], { cwd })).toMatchObject({ exitCode: 2 });
});
