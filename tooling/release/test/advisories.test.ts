import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AdvisoriesDetails, GateResult } from "@hxp/release-gates";
import { expectFailure, expectSuccess } from "./support/tamper-template.ts";
import { makeTestRoot, type Run, type TestRoot, type TestWorkspace } from "./support/workspace.ts";

const day = 24 * 60 * 60 * 1000;
let root: TestRoot;
beforeAll(() => {
  root = makeTestRoot();
});
afterAll(() => root?.[Symbol.dispose]());

interface Entry {
  id: string;
  name: string;
  aliases?: string[];
  events?: object[];
  modified?: string;
}

/** An entry in the OSV format about every version of a package, changed today. */
function entry({ id, name, aliases = [], events = [{ introduced: "0" }], modified }: Entry): object {
  const affected = [{ package: { ecosystem: "npm", name }, ranges: [{ type: "SEMVER", events }] }];
  const specific = { severity: "HIGH" };
  const published = "2026-01-01T00:00:00Z";
  const at = modified ?? new Date().toISOString();
  return { id, aliases, published, modified: at, summary: `About ${name}`, affected, database_specific: specific };
}

/** Writes entries into a folder, as OSV's zip has them unpacked. */
function writeEntries(workspace: TestWorkspace, ...entries: object[]): string {
  const folder = join(workspace.repository, "..", "osv");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [index, value] of entries.entries()) writeFileSync(join(folder, `${index}.json`), JSON.stringify(value));
  return folder;
}

async function importEntries(workspace: TestWorkspace, ...entries: object[]): Promise<void> {
  expectSuccess(await workspace.release(["advisories", "import", writeEntries(workspace, ...entries)]));
}

/** The gate's result in the evidence of the only release that got there. */
function readVerdict(workspace: TestWorkspace): GateResult & { details: AdvisoriesDetails } {
  const files = readdirSync(join(workspace.folder, ".hxp/releases"), { recursive: true, encoding: "utf8" });
  const path = files.find((file) => file.endsWith("gates/advisories.json") && isAnswered(workspace, file));
  return workspace.readJson(join(".hxp/releases", path ?? "no verdict")) as GateResult & { details: AdvisoriesDetails };
}

/** The releases that were stopped have a verdict, too. */
function isAnswered(workspace: TestWorkspace, file: string): boolean {
  return (workspace.readJson(join(".hxp/releases", file)) as GateResult).verdict === "passed";
}

describe("a release with the gate `advisories`", () => {
  let workspace: TestWorkspace;
  beforeAll(() => {
    workspace = root.workspace({ config: { gates: ["advisories"], policy: { advisories: { minimumEntries: 1 } } } });
  });

  test("stops where no snapshot is imported, and names the command", async () => {
    const run = await workspace.release();
    expectFailure(run, { exitCode: 14, code: "GATE_FAILED" });
    expect(run.text).toContain("pnpm release advisories import");
  });

  test("stops at a vulnerable version, in a dependency and in what is released itself", async () => {
    await importEntries(workspace, entry({ id: "GHSA-aaaa-bbbb-cccc", name: "@acme/left" }));
    const run = await workspace.release();
    expectFailure(run, { exitCode: 14, code: "GATE_FAILED" });
    expect(run.text).toContain("GHSA-aaaa-bbbb-cccc");
    expect(run.text).toMatch(/@acme\/right@\S+ > @acme\/left@/);
  });

  test("goes on when a statement answers each, and keeps it in the evidence", async () => {
    const run = await workspace.release(["--json"]);
    const statements = readFixes(run);
    expect(statements).toHaveLength(2);
    for (const [index, statement] of statements.entries()) workspace.write(`.vex/${index}.json`, statement);
    workspace.commit();
    const released = await workspace.release();
    expectSuccess(released);
    const { verdict, details, findings } = readVerdict(workspace);
    expect([verdict, findings.map(({ severity }) => severity)]).toEqual(["passed", ["warning", "warning"]]);
    expect(details.matches).toMatchObject([
      {
        advisory: "GHSA-aaaa-bbbb-cccc",
        usedBy: ["@acme/left", "@acme/right"],
        verdict: "answered",
        statement: { owner: "Ada <ada@acme.example>" },
      },
    ]);
  });
});

/** The statements that findings give to be pasted, filled in. */
function readFixes(run: Run): object[] {
  const { error } = JSON.parse(run.stdout) as { error: { details: { verdicts: GateResult[] } } };
  return error.details.verdicts.flatMap(({ findings }) =>
    findings.map(({ fix }) => {
      const text = fix.slice(fix.indexOf('{"@context"'));
      return JSON.parse(
        text.replace(/<name and [^>]*>/, "Ada <ada@acme.example>").replace(/<why[^>]*>/, "It is never called."),
      ) as object;
    }),
  );
}

describe("release advisories import", () => {
  test("says what it imported, and status says it again, byte for byte checked", async () => {
    const workspace = root.workspace();
    const run = await workspace.release([
      "advisories",
      "import",
      writeEntries(workspace, entry({ id: "MAL-1", name: "evil" })),
      "--json",
    ]);
    expectSuccess(run);
    const imported = JSON.parse(run.stdout) as { snapshot: { file: string } };
    expect(imported).toMatchObject({ snapshot: { source: "osv", entries: 1 }, days: 0, freshness: "fresh" });
    const status = await workspace.release(["advisories", "status", "--json"]);
    expect(JSON.parse(status.stdout)).toEqual(imported);
    const path = `.hxp/databases/${imported.snapshot.file}`;
    workspace.edit(path, (text) => text.replace("MAL-1", "MAL-2"));
    const tampered = await workspace.release(["advisories", "status"]);
    expectFailure(tampered, { exitCode: 15, code: "ADVISORY_DATABASE_INVALID" });
  });

  test("imports nothing of a bad file, and keeps what there was", async () => {
    const workspace = root.workspace();
    await importEntries(workspace, entry({ id: "MAL-1", name: "evil" }));
    const before = await workspace.release(["advisories", "status", "--json"]);
    const run = await workspace.release([
      "advisories",
      "import",
      writeEntries(workspace, entry({ id: "MAL-2", name: "evil" }), {}),
    ]);
    expectFailure(run, { exitCode: 2, code: "ADVISORY_SOURCE_INVALID" });
    expect(run.stderr).toMatch(/1\.json is refused: .*id/s);
    expect((await workspace.release(["advisories", "status", "--json"])).stdout).toBe(before.stdout);
  });

  test("is needed before status, which exits 14 without it and with one that is too old", async () => {
    const workspace = root.workspace();
    const none = await workspace.release(["advisories", "status"]);
    expectFailure(none, { exitCode: 14, code: "GATE_FAILED" });
    expect(none.stderr).toContain("pnpm release advisories import");
    const modified = new Date(Date.now() - 40 * day).toISOString();
    await importEntries(workspace, entry({ id: "MAL-1", name: "evil", modified }));
    const old = await workspace.release(["advisories", "status"]);
    expect(old.exitCode, old.text).toBe(14);
    expect(old.stdout).toContain("✖ The snapshot is 40 days old; it warns from 7 and blocks from 30 days on.");
  });
});

describe("release advisories csaf", () => {
  const publisher = { name: "Acme", namespace: "https://acme.example" };
  const own = entry({
    id: "ACME-2026-1",
    aliases: ["CVE-2026-12345"],
    name: "@acme/core",
    events: [{ introduced: "0" }, { fixed: "1.2.1" }],
  });
  const make = (config: object): TestWorkspace => root.workspace({ config, files: { ".advisories/one.json": own } });

  test("prints a document, by whatever id, or writes it under the prescribed name", async () => {
    const workspace = make({ publisher });
    const printed = await workspace.release(["advisories", "csaf", "--id", "CVE-2026-12345"]);
    expectSuccess(printed);
    expect(JSON.parse(printed.stdout)).toMatchObject({
      document: {
        publisher: { name: "Acme" },
        tracking: { id: "ACME-2026-1", generator: { engine: { name: "@hxp/release" } } },
      },
      vulnerabilities: [{ product_status: { fixed: ["@acme/core@1.2.1"] } }],
    });
    const folder = join(root.path, "csaf");
    mkdirSync(folder);
    expectSuccess(
      await workspace.release([
        "advisories",
        "csaf",
        "--id",
        "ACME-2026-1",
        "--package",
        "@acme/core",
        "--output",
        folder,
      ]),
    );
    expect(existsSync(join(folder, "acme-2026-1.json"))).toBe(true);
  });

  test.each<[string, object, string[], string]>([
    ["an unknown id", { publisher }, ["--id", "ACME-2026-2"], "there are: ACME-2026-1"],
    [
      "a package of others",
      { publisher },
      ["--id", "ACME-2026-1", "--package", "lodash"],
      "--package lodash is not published",
    ],
    [
      "a package that it is not about",
      { publisher },
      ["--id", "ACME-2026-1", "--package", "@acme/left"],
      "names no affected version of @acme/left",
    ],
    ["no publisher", {}, ["--id", "ACME-2026-1"], "publisher: {"],
    ["no folder", { publisher }, ["--id", "ACME-2026-1", "--from", "none"], "is no folder"],
    ["no id", { publisher }, [], "--id"],
  ])("refuses %s", async (_title, config, args, message) => {
    const run = await make(config).release(["advisories", "csaf", ...args]);
    expect(run.exitCode, run.text).toBe(2);
    expect(run.stderr).toContain(message);
  });
});
