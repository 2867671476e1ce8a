import { describe, expect, test } from "vitest";
import {
  advisoriesGate,
  type AdvisoriesDetails,
  type Finding,
  type GateResult,
  isBlocking,
  runGates,
} from "@hxp/release-gates";
import { makeAdvisory } from "../../../test/make-advisory.ts";
import { rulesOf } from "../../../test/make-input.ts";
import {
  lockfileWithDirectLeaf,
  makeVulnerableWorkspace,
  type VulnerableParts,
} from "../../../test/make-vulnerable-workspace.ts";

const vulnerable = makeAdvisory({ id: "GHSA-aaaa-bbbb-cccc", aliases: ["CVE-2026-1"] });

async function judge(files: Record<string, object | string>, parts: VulnerableParts = {}): Promise<GateResult> {
  const input = await makeVulnerableWorkspace({
    advisories: [vulnerable],
    ...parts,
    files: { ...files, ...parts.files },
  });
  const [result] = await runGates([advisoriesGate], input);
  return result!;
}

/** The statement that a finding gives to be pasted, as a person fills it in. */
function readPasted({ fix }: Finding): OpenVex {
  const document = JSON.parse(fix.slice(fix.indexOf('{"@context"'))) as OpenVex;
  document.author = "Ada <ada@acme.example>";
  document.statements[0]!["impact_statement"] = "The template is never rendered.";
  return document;
}

interface OpenVex {
  author: string;
  timestamp: string;
  statements: Record<string, unknown>[];
}

let pasted: OpenVex | undefined;
async function statement(change: Record<string, unknown> = {}): Promise<OpenVex> {
  pasted ??= readPasted((await judge({})).findings[0]!);
  const document = structuredClone(pasted);
  Object.assign(document.statements[0]!, change);
  return document;
}

async function path(): Promise<string> {
  return ((await statement()).statements[0]!["hxp"] as { path: string }).path;
}

describe("an OpenVEX statement", () => {
  test("that a finding gave, filled in, answers the match, which stays as a warning that says who and until when", async () => {
    const result = await judge({ ".vex/one.json": await statement() });
    expect(result).toMatchObject({
      verdict: "passed",
      findings: [
        {
          rule: "vulnerable",
          severity: "warning",
          message: expect.stringContaining(
            "Answered by Ada <ada@acme.example> until 2027-02-21, `not_affected`: The template is never rendered (.vex/one.json statements[0]).",
          ),
        },
      ],
    });
    expect((result.details as AdvisoriesDetails).matches).toMatchObject([
      {
        verdict: "answered",
        statement: {
          status: "not_affected",
          justification: "vulnerable_code_not_in_execute_path",
          owner: "Ada <ada@acme.example>",
          reason: "The template is never rendered.",
          expires: "2027-02-21",
        },
      },
    ]);
    expect(result.inputs).toContainEqual({ name: ".vex/one.json", digest: expect.stringMatching(/^sha256:/) });
  });

  test("that nobody filled in answers nothing", async () => {
    const { fix } = (await judge({})).findings[0]!;
    const result = await judge({ ".vex/one.json": fix.slice(fix.indexOf('{"@context"')) });
    expect([isBlocking(result), rulesOf(result)]).toEqual([true, ["statement-invalid", "vulnerable"]]);
  });

  test("answers by another id of the same vulnerability, for `fixed` with a note, and for the dependency alone", async () => {
    const products = [{ "@id": "pkg:npm/leaf@1.2.0" }];
    const change = {
      vulnerability: { name: "CVE-2026-1" },
      status: "fixed",
      status_notes: "Patched by pnpm.",
      products,
    };
    expect(await judge({ ".vex/one.json": await statement(change) })).toMatchObject({ verdict: "passed" });
  });

  test.each<[string, Record<string, unknown>]>([
    ["another vulnerability", { vulnerability: { name: "GHSA-zzzz-zzzz-zzzz" } }],
    ["another version of the dependency", { products: [{ "@id": "pkg:npm/leaf@1.1.0" }] }],
    ["another version of the product", { products: [{ "@id": "pkg:npm/%40acme/app@0.9.0" }] }],
  ])("about %s answers nothing, and is said to be unused", async (_title, change) => {
    const result = await judge({ ".vex/one.json": await statement(change) });
    expect(result.findings.map(({ rule, severity }) => [rule, severity])).toEqual([
      ["statement-unused", "warning"],
      ["vulnerable", "error"],
    ]);
  });

  test("about a package that is not released now is neither used nor unused", async () => {
    const products = [{ "@id": "pkg:npm/%40acme/other", subcomponents: [{ "@id": "pkg:npm/leaf@1.2.0" }] }];
    expect(rulesOf(await judge({ ".vex/one.json": await statement({ products }) }))).toEqual(["vulnerable"]);
  });

  test.each([
    ["affected", { action_statement: "Update." }],
    ["under_investigation", {}],
  ])("that says `%s` leaves the match open", async (status, more) => {
    const result = await judge({ ".vex/one.json": await statement({ status, ...more }) });
    expect(result.findings).toMatchObject([
      { rule: "vulnerable", severity: "error", message: expect.stringContaining(`says \`${status}\``) },
    ]);
  });

  test("counts no longer when a later one says otherwise, in whatever file and order", async () => {
    const later = await statement({ status: "under_investigation", timestamp: "2026-12-01T00:00:00Z" });
    expect(await judge({ ".vex/a.json": later, ".vex/b.json": await statement() })).toMatchObject({
      verdict: "failed",
    });
    const earlier = await statement({ status: "under_investigation", timestamp: "2026-10-01T00:00:00Z" });
    expect(await judge({ ".vex/a.json": earlier, ".vex/b.json": await statement() })).toMatchObject({
      verdict: "passed",
    });
    const same = await statement({ status: "under_investigation" });
    expect(await judge({ ".vex/a.json": await statement(), ".vex/b.json": same })).toMatchObject({ verdict: "failed" });
  });
});

describe("a statement's end", () => {
  const until = async (expires: string, change = {}): Promise<GateResult> =>
    judge({ ".vex/one.json": await statement({ hxp: { expires, path: await path() }, ...change }) });

  test("is the end of its last day, UTC", async () => {
    expect(await until("2026-11-23")).toMatchObject({ verdict: "passed" });
    const result = await until("2026-11-22");
    expect(result).toMatchObject({
      verdict: "failed",
      findings: [
        {
          rule: "statement-expired",
          severity: "error",
          dependency: "leaf@1.2.0",
          message: expect.stringContaining("it expired on 2026-11-22"),
          fix: expect.stringContaining("2027-02-21 at the latest"),
        },
      ],
    });
  });

  test("is at most 90 days ahead", async () => {
    expect(await until("2027-02-21")).toMatchObject({ verdict: "passed" });
    expect(rulesOf(await until("2027-02-22"))).toEqual(["statement-too-long"]);
  });

  test("that has passed is an error, too, when nothing is left that it is about", async () => {
    const result = await until("2026-11-22", { vulnerability: { name: "CVE-1999-1" } });
    expect(result.findings).toMatchObject([
      { rule: "statement-expired", where: ".vex/one.json statements[0]", severity: "error" },
      { rule: "vulnerable" },
    ]);
  });
});

describe("the dependency paths of a statement", () => {
  test("raise the match again when they change, with the digest that they have now", async () => {
    const files = { "pnpm-lock.yaml": lockfileWithDirectLeaf, ".vex/one.json": await statement() };
    const result = await judge(files);
    expect(result).toMatchObject({
      verdict: "failed",
      findings: [{ rule: "statement-path-changed", severity: "error" }],
    });
    const [, digest] = /add (sha256:[0-9a-f]{64}) to its paths/.exec(result.findings[0]!.fix)!;
    expect(digest).not.toBe(await path());
    const renewed = await statement({ hxp: { expires: "2026-12-01", path: [await path(), digest] } });
    expect(await judge({ ...files, ".vex/one.json": renewed })).toMatchObject({ verdict: "passed" });
    expect(await judge({ ".vex/one.json": renewed })).toMatchObject({ verdict: "passed" });
  });

  test("of several statements decide which is meant", async () => {
    const other = await statement({ hxp: { expires: "2026-12-01", path: `sha256:${"0".repeat(64)}` } });
    expect(await judge({ ".vex/a.json": other, ".vex/b.json": await statement() })).toMatchObject({
      verdict: "passed",
    });
    expect(rulesOf(await judge({ ".vex/a.json": other }))).toEqual(["statement-path-changed"]);
  });

  test("do not change when the released package gets its next version", async () => {
    const app = { name: "@acme/app", version: "1.1.0", dependencies: { middle: "1.0.0" } };
    const result = await judge({ "app/package.json": app, ".vex/one.json": await statement() });
    expect(result).toMatchObject({ verdict: "passed" });
    expect(result.findings[0]!.where).toContain("@acme/app@1.1.0");
  });
});

describe("a CycloneDX statement", () => {
  const document = async (change: { analysis?: object; properties?: object[]; affects?: object[] } = {}) => ({
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: "2026-11-20T00:00:00Z",
      component: { type: "library", name: "app", purl: "pkg:npm/%40acme/app", "bom-ref": "app" },
    },
    components: [
      { type: "library", name: "leaf", version: "1.2.0", purl: "pkg:npm/leaf@1.2.0", "bom-ref": "leaf-ref" },
    ],
    vulnerabilities: [
      {
        id: "CVE-2026-1",
        analysis: { state: "not_affected", justification: "code_not_reachable", detail: "Nothing renders a template." },
        affects: [{ ref: "leaf-ref" }],
        properties: [
          { name: "hxp:owner", value: "Ada" },
          { name: "hxp:expires", value: "2026-12-31" },
          { name: "hxp:path", value: await path() },
        ],
        ...change,
      },
    ],
  });

  test.each([
    ["leaf-ref"],
    ["pkg:npm/leaf@1.2.0"],
    ["urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg%3Anpm%2Fleaf%401.2.0"],
    ["app"],
  ])("answers a match, affecting %s", async (ref) => {
    const result = await judge({ ".vex/cdx.json": await document({ affects: [{ ref }] }) });
    expect(result).toMatchObject({ verdict: "passed" });
    expect((result.details as AdvisoriesDetails).matches).toMatchObject([
      {
        verdict: "answered",
        statement: { status: "not_affected", justification: "code_not_reachable", owner: "Ada", expires: "2026-12-31" },
      },
    ]);
  });

  test.each([
    ["exploitable", "failed"],
    ["in_triage", "failed"],
    ["false_positive", "passed"],
    ["resolved", "passed"],
  ])("of the state %s: %s", async (state, verdict) => {
    const result = await judge({ ".vex/cdx.json": await document({ analysis: { state, detail: "Looked into." } }) });
    expect(result.verdict).toBe(verdict);
  });

  test("needs owner, last day and paths", async () => {
    const result = await judge({
      ".vex/cdx.json": await document({ properties: [{ name: "hxp:owner", value: "Ada" }] }),
    });
    expect(result.findings).toContainEqual(
      expect.objectContaining({
        rule: "statement-invalid",
        where: ".vex/cdx.json vulnerabilities[0]",
        message:
          "A statement `not_affected` needs a last day as the property `hxp:expires`, YYYY-MM-DD, the digest of the dependency paths as the property `hxp:path`, sha256:<hex>.",
      }),
    );
  });
});

describe("a file of statements that cannot be read", () => {
  test.each<[string, string | object, RegExp]>([
    ["no JSON", "{", /not JSON/],
    ["neither format", { a: 1 }, /neither OpenVEX.*nor CycloneDX/],
    [
      "OpenVEX without statements",
      {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "x",
        author: "a",
        timestamp: "2026-11-20T00:00:00Z",
        version: 1,
      },
      /statements/,
    ],
    [
      "CycloneDX before vulnerabilities",
      { bomFormat: "CycloneDX", specVersion: "1.3", vulnerabilities: [{}] },
      /1\.4 or newer/,
    ],
  ])("is an error: %s", async (_title, content, message) => {
    const result = await judge({ ".vex/one.json": content });
    expect(result.findings).toContainEqual(
      expect.objectContaining({
        rule: "statement-invalid",
        where: ".vex/one.json",
        message: expect.stringMatching(message),
      }),
    );
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ["no reason", { justification: undefined, impact_statement: undefined }, /`justification` or `impact_statement`/],
    ["no last day", { hxp: { path: `sha256:${"0".repeat(64)}` } }, /last day as `hxp\.expires`/],
    ["no path", { hxp: { expires: "2026-12-01" } }, /`hxp\.path`/],
    ["an unknown status", { status: "fine" }, /status/],
    [
      "a product of another ecosystem",
      { products: [{ "@id": "pkg:pypi/leaf@1.2.0" }] },
      /no package URL of an npm package/,
    ],
    ["an unknown key of ours", { hxp: { expiry: "2026-12-01" } }, /expiry/],
  ])("or a statement with %s", async (_title, change, message) => {
    const result = await judge({ ".vex/one.json": await statement(change) });
    expect(result.findings).toContainEqual(
      expect.objectContaining({
        rule: "statement-invalid",
        where: ".vex/one.json statements[0]",
        message: expect.stringMatching(message),
      }),
    );
    expect(rulesOf(result)).toContain("vulnerable");
  });

  test("is not read where the policy does not look, nor below node_modules", async () => {
    const files = { "vex/one.json": await statement(), "app/node_modules/.vex/one.json": await statement() };
    expect(rulesOf(await judge(files, { policy: { vex: ["**/.vex/*.json"] } }))).toEqual(["vulnerable"]);
    expect(await judge(files, { policy: { vex: ["vex/*.json"] } })).toMatchObject({ verdict: "passed" });
  });
});
