import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  diffReports,
  findPrevious,
  listTables,
  readReport,
  renderDiffMarkdown,
  renderDiffText,
  writeReport,
} from "../src/index.ts";
import { runCli } from "../src/cli/run-cli.ts";
import { toCsv } from "../src/export/to-csv.ts";
import { toJson } from "../src/export/to-json.ts";
import { toMarkdown } from "../src/export/to-markdown.ts";
import schema from "../schema/table.v1.json" with { type: "json" };
import { makeEvidence } from "./make-evidence.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const root = temporaryFolder().path;
const releases = join(root, ".hxp/releases");
const [before, after] = [join(releases, "aaaa1111"), join(releases, "bbbb2222")];

beforeAll(async () => {
  await makeEvidence(before, { isPrevious: true });
  await makeEvidence(after);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Every file of a folder, by path. */
function readAll(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).toSorted();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]));
}

describe("a report", () => {
  test("has the same bytes each time that it is written", async () => {
    const [first, second] = [join(root, "first"), join(root, "second")];
    await writeReport(after, { output: first, previous: before });
    await writeReport(after, { output: second, previous: before });
    expect(readAll(second)).toEqual(readAll(first));
    expect(JSON.stringify(readAll(first))).not.toContain(root);
  });

  test("replaces the one that was there, and nothing else may be its place", async () => {
    const output = join(root, "replaced");
    await writeReport(after, { output });
    writeFileSync(join(output, "old.txt"), "");
    await writeReport(after, { output });
    expect(readdirSync(output)).not.toContain("old.txt");
    await expect(writeReport(after, { output: releases })).rejects.toThrow(/expected a folder of its own/);
    await expect(writeReport(join(root, "nowhere"), { output })).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  });

  test("does not go into the evidence folder, and shows what somebody has put there", async () => {
    const evidence = join(root, "inside");
    await makeEvidence(evidence);
    await expect(writeReport(evidence, { output: join(evidence, "report") })).rejects.toMatchObject({
      code: "USAGE_INVALID",
      message: expect.stringMatching(/lies in the evidence; expected a folder beside it$/) as string,
    });
    expect(readdirSync(evidence)).not.toContain("report");
    mkdirSync(join(evidence, "report"));
    writeFileSync(join(evidence, "report/more.json"), "{}");
    await writeReport(evidence, { output: join(root, "beside") });
    expect(readFileSync(join(root, "beside/data/evidence.js"), "utf8")).toContain("report/more.json");
  });

  test("says of what is missing or broken that it is, and shows the rest", async () => {
    const evidence = join(root, "broken");
    await makeEvidence(evidence);
    rmSync(join(evidence, "trust/trusted_keys.json"));
    rmSync(join(evidence, "record.sigstore.json"));
    writeFileSync(join(evidence, "gates/licences.json"), "{");
    const api = JSON.parse(readFileSync(join(evidence, "gates/api.json"), "utf8")) as {
      details: { packages: unknown };
    };
    writeFileSync(join(evidence, "gates/api.json"), JSON.stringify({ ...api, details: { packages: [{ name: 1 }] } }));
    const { gaps, details, gates, outcome, keys } = readReport(evidence);
    expect(gaps.map(({ file, problem }) => `${file} ${problem}`)).toEqual([
      expect.stringContaining("gates/api.json does not read at details.packages.0.name"),
      "gates/licences.json is not JSON: this gate's verdict is unknown",
      "record.sigstore.json is missing: how the release ended is unknown",
      "trust/trusted_keys.json is missing: no signature can be verified",
    ]);
    expect(details.api).toBeUndefined();
    expect(details.compatibility?.cells).toHaveLength(72);
    expect(gates.map(({ gate }) => gate)).not.toContain("licences");
    expect({ outcome, keys }).toEqual({ outcome: undefined, keys: [] });
  });
});

describe("exported tables", () => {
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);

  test("follow the published schema, each of them", () => {
    const data = readReport(after);
    const tables = listTables(data);
    expect(tables.filter(({ rows }) => rows.length > 0).length).toBeGreaterThan(12);
    for (const table of tables) {
      expect(validate(JSON.parse(toJson(table, data.id))), JSON.stringify(validate.errors)).toBe(true);
    }
    expect(validate({ ...JSON.parse(toJson(tables[0]!, data.id)), more: 1 })).toBe(false);
  });

  test("hold no formula for spreadsheets, no mark-up for Markdown, and keep quotes and lines", () => {
    const rows = [{ key: "1", values: { text: '=HYPERLINK("x")', other: "<b>|\n[a](b)" } }];
    const columns = ["text", "other"].map((id) => ({ id, title: id, type: "text" as const }));
    const table = { id: "table", title: "Table", columns, rows };
    expect(toCsv(table)).toBe('text,other\r\n"\'=HYPERLINK(""x"")","<b>|\n[a](b)"\r\n');
    expect(toMarkdown(table).split("\n").at(-2)).toBe(
      '| =HYPERLINK&#40;"x"&#41; | &#60;b&#62;&#124; &#91;a&#93;&#40;b&#41; |',
    );
  });
});

describe("the SBOM of the release", () => {
  test("has each component once in CycloneDX, and leads from the release to its packages", async () => {
    await writeReport(after, { output: join(root, "sbom") });
    const sbom = JSON.parse(readFileSync(join(root, "sbom/exports/sbom.cdx.json"), "utf8")) as {
      components: { "bom-ref": string }[];
      dependencies: { ref: string; dependsOn: string[] }[];
      serialNumber: string;
    };
    const refs = sbom.components.map((entry) => entry["bom-ref"]);
    expect(new Set(refs).size).toBe(refs.length);
    expect(refs).toHaveLength(13);
    expect(sbom.dependencies.find(({ ref }) => ref.startsWith("urn:hxp:release:"))?.dependsOn).toHaveLength(4);
    expect(sbom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("is whole in SPDX 3.0.1: every reference is an element, every element is listed", () => {
    const document = JSON.parse(readFileSync(join(root, "sbom/exports/sbom.spdx3.json"), "utf8")) as {
      "@context": string;
      "@graph": Record<string, unknown>[];
    };
    expect(document["@context"]).toBe("https://spdx.org/rdf/3.0.1/spdx-context.jsonld");
    const graph = document["@graph"];
    const ids = new Set(graph.flatMap(({ spdxId }) => (typeof spdxId === "string" ? [spdxId] : [])));
    expect(ids.size).toBe(graph.length - 1);
    for (const element of graph.filter(({ type }) => type !== "CreationInfo")) {
      expect(element["creationInfo"]).toBe("_:creation");
      const references = ["element", "rootElement", "to", "from"].flatMap((key) => [element[key] ?? []].flat());
      for (const reference of references) expect(ids).toContain(reference);
    }
    const spdx = graph.find(({ type }) => type === "SpdxDocument");
    expect(spdx?.["element"]).toHaveLength(ids.size - 1);
    const zod = graph.find(({ name, type }) => type === "software_Package" && name === "zod");
    expect(zod).toMatchObject({ software_packageVersion: "4.6.7", software_packageUrl: "pkg:npm/zod@4.6.7" });
    const licence = graph.find(
      ({ from, relationshipType }) => from === zod?.["spdxId"] && relationshipType === "hasDeclaredLicense",
    );
    const [expression] = (licence?.["to"] ?? []) as string[];
    expect(graph.find(({ spdxId }) => spdxId === expression)).toMatchObject({
      simplelicensing_licenseExpression: "MIT",
    });
  });
});

describe("the difference of two releases", () => {
  test("names what was added, removed and changed, in each part", () => {
    const diff = diffReports(readReport(before), readReport(after));
    expect(diff.packages).toHaveLength(4);
    expect(
      diff.cells.every(
        ({ what, before: old, after: fresh }) =>
          /storage · lowest/.test(what) && old === "Passed" && fresh === "Failed",
      ),
    ).toBe(true);
    expect(diff.cells).toHaveLength(3);
    expect(diff.dependencies).toEqual([
      { what: "undici", change: "changed", before: "8.12.0", after: "8.13.1" },
      { what: "ws", change: "added", after: "8.22.0" },
    ]);
    expect(diff.advisories.map(({ what, change }) => `${change} ${what}`)).toEqual([
      "added GHSA-0000-0000-0001 · jszip",
    ]);
    expect(renderDiffText(diff)).toContain("  ~ undici: 8.12.0 → 8.13.1\n");
    expect(renderDiffMarkdown(diff)).toContain("| undici | changed | 8.12.0 | 8.13.1 |");
  });

  test("is nothing between a release and itself", () => {
    const data = readReport(after);
    const { from, to, ...lists } = diffReports(data, data);
    expect(from).toBe(to);
    expect(Object.values(lists).flat()).toEqual([]);
  });
});

describe("pnpm report", () => {
  async function run(...args: string[]) {
    const output = { text: "", errors: "", opened: "" };
    const code = await runCli(args, {
      cwd: root,
      write: (text) => void (output.text += text),
      writeError: (text) => void (output.errors += text),
      openPage: (path) => void (output.opened = path),
    });
    return { code, ...output };
  }

  test("writes a release that is named by the beginning of its id, compares it with the one before, and opens it", async () => {
    const { code, text, opened } = await run("bbbb", "--open", "--json");
    expect(code).toBe(0);
    const { page, release } = JSON.parse(text) as { page: string; release: string };
    expect(page).toBe(join(root, ".hxp/reports", release, "index.html"));
    expect(opened).toBe(page);
  });

  test("compares with the last release that stands on the same registry and channel, by what its record says", async () => {
    const state = join(root, "elsewhere");
    const company = { name: "company", identity: "https://npm.acme.example/" };
    const at = (day: number): string => `2026-11-${day}T12:00:00.000Z`;
    // Made in an order that says nothing of when they were recorded, as copied files are.
    const shapes = {
      "1111": { registry: company, recordedAt: at(24) },
      "2222": { registry: company, recordedAt: at(20), isPrevious: true },
      "3333": { registry: company, recordedAt: at(22), isRolledBack: true },
      "4444": { registry: company, recordedAt: at(21), channel: "next" },
      "5555": { recordedAt: at(23) },
      "6666": { registry: company, recordedAt: at(19), isPrevious: true },
      "7777": { registry: company, recordedAt: at(18) },
    };
    for (const [id, shape] of Object.entries(shapes)) await makeEvidence(join(state, "releases", id), shape);
    const unfinished = join(state, "releases/8888");
    await makeEvidence(unfinished, { registry: company, recordedAt: at(23) });
    rmSync(join(unfinished, "record.sigstore.json"));
    const previousOf = (id: string) => findPrevious(join(state, "releases", id));
    expect(previousOf("1111")).toBe(join(state, "releases/2222"));
    expect(previousOf("2222")).toBe(join(state, "releases/6666"));
    expect(previousOf("5555")).toBeUndefined();
    expect(previousOf("7777")).toBeUndefined();
    // Taking it back later does not change what it followed.
    expect(previousOf("3333")).toBe(join(state, "releases/2222"));
    const { code, text } = await run("--state", "elsewhere", "--json", "1111");
    const { page } = JSON.parse(text) as { page: string };
    expect([code, page.startsWith(join(state, "reports"))]).toEqual([0, true]);
    const expected = join(root, "expected");
    await writeReport(join(state, "releases/1111"), { output: expected, previous: join(state, "releases/2222") });
    expect(readAll(join(page, ".."))).toEqual(readAll(expected));
  });

  test("says of gates without a result that they did not judge", async () => {
    const evidence = join(root, "left-out");
    await makeEvidence(evidence);
    rmSync(join(evidence, "gates/docs.json"));
    const absent = readReport(evidence).notJudged;
    expect(absent).toContain("docs");
    expect((await run(evidence)).text).toContain("  NOT JUDGED docs\n");
  });

  test("says what there is when nothing fits, and what it is when nothing is there", async () => {
    expect(await run("cccc")).toMatchObject({ code: 2, errors: expect.stringContaining("there are ") });
    const empty = await run("--cwd", join(root, "first"));
    expect(empty).toMatchObject({ code: 2, errors: expect.stringContaining("There is no release in ") });
    expect(JSON.parse((await run("cccc", "--json")).text)).toMatchObject({ outcome: "failed" });
    expect(await run("--nonsense")).toMatchObject({ code: 2, errors: expect.stringContaining("unknown option") });
  });

  test("says what changed, as text, Markdown and JSON", async () => {
    expect((await run("diff", "aaaa", "bbbb")).text).toContain("+ ws: 8.22.0");
    expect((await run("diff", "aaaa", "bbbb", "--markdown")).text).toContain("## Dependencies");
    expect(JSON.parse((await run("diff", before, after, "--json")).text)).toMatchObject({ dependencies: [{}, {}] });
  });
});
