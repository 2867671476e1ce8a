import { join } from "node:path";
import * as mandatoryTests from "@secvisogram/csaf-validator-lib/mandatoryTests.js";
import { csaf_2_0_strict } from "@secvisogram/csaf-validator-lib/schemaTests.js";
import validate from "@secvisogram/csaf-validator-lib/validate.js";
import { describe, expect, test } from "vitest";
import { createCsaf, csafFileName, type JsonObject, readAdvisoryFiles } from "@hxp/release-gates";
import { writeFiles } from "../../../test/install-workspace.ts";
import { makeAdvisory } from "../../../test/make-advisory.ts";
import { temporaryFolder } from "../../../test/temporary-folder.ts";

const options = {
  publisher: { name: "Acme", namespace: "https://acme.example", contact: "security@acme.example" },
  engine: { name: "@hxp/release", version: "1.0.0" },
  now: new Date("2026-11-25T00:00:00Z"),
  packages: ["@acme/app", "@acme/other"],
};

async function create(...entries: object[]): Promise<JsonObject> {
  const folder = await temporaryFolder();
  await writeFiles(folder, Object.fromEntries(entries.map((entry, index) => [`${index}.json`, entry])));
  const [first] = await readAdvisoryFiles(folder);
  return createCsaf(first!, options);
}

/** What OASIS's own schema and all mandatory tests of CSAF 2.0 object to. */
async function findErrors(document: JsonObject): Promise<unknown[]> {
  const result = await validate([csaf_2_0_strict, ...Object.values(mandatoryTests)], document);
  return result.tests.flatMap(({ name, errors }) => errors.map((error) => ({ name, ...error })));
}

const own = makeAdvisory({
  id: "ACME-2026-1",
  name: "@acme/app",
  aliases: ["CVE-2026-12345", "GHSA-aaaa-bbbb-cccc"],
  summary: "Path traversal in the download",
  details: "A request can name a file outside of the folder.",
  events: [{ introduced: "1.0.0" }, { fixed: "1.2.3" }, { introduced: "2.0.0" }, { fixed: "2.1.0" }],
  modified: "2026-11-20T10:00:00Z",
  severity: [
    { type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N" },
    { type: "CVSS_V4", score: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N" },
  ],
  references: [{ type: "FIX", url: "https://acme.example/commit/1" }],
});

describe("a CSAF advisory", () => {
  test("passes the schema and the mandatory tests of CSAF 2.0", async () => {
    expect(await findErrors(await create(own))).toEqual([]);
  });

  test("is found wrong by them where it is", async () => {
    const document = await create(own);
    (document["document"] as JsonObject)["category"] = 1;
    (document["vulnerabilities"] as JsonObject[])[0]!["product_status"] = { known_affected: ["nothing"] };
    expect((await findErrors(document)).map((error) => (error as { name: string }).name)).toEqual(
      expect.arrayContaining(["csaf_2_0_strict", "mandatoryTest_6_1_1"]),
    );
  });

  test("says who, what, which versions, how bad, and what mends it", async () => {
    const document = await create(own);
    expect(document).toMatchObject({
      document: {
        category: "csaf_security_advisory",
        publisher: { category: "vendor", name: "Acme", contact_details: "security@acme.example" },
        tracking: {
          id: "ACME-2026-1",
          version: "2",
          initial_release_date: "2026-11-01T10:00:00.000Z",
          current_release_date: "2026-11-20T10:00:00.000Z",
        },
      },
      vulnerabilities: [
        {
          cve: "CVE-2026-12345",
          ids: [
            { system_name: "OSV", text: "ACME-2026-1" },
            { system_name: "GitHub Security Advisory", text: "GHSA-aaaa-bbbb-cccc" },
          ],
          product_status: {
            known_affected: ["@acme/app:affected-1", "@acme/app:affected-2"],
            fixed: ["@acme/app@1.2.3", "@acme/app@2.1.0"],
          },
          scores: [{ cvss_v3: { baseScore: 7.5, baseSeverity: "HIGH", version: "3.1" } }],
          notes: [{ category: "description" }, { title: "CVSS 4.0", text: expect.stringContaining("(8.7)") }],
          remediations: [{ category: "vendor_fix", details: "Update @acme/app to 1.2.3, or 2.1.0, or later." }],
        },
      ],
    });
    expect(JSON.stringify(document["product_tree"])).toContain('"vers:npm/>=1.0.0|<1.2.3"');
    expect(JSON.stringify(document["product_tree"])).toContain('"pkg:npm/%40acme/app@1.2.3"');
  });

  test.each<[string, object]>([
    ["listed versions alone", makeAdvisory({ id: "ACME-1", name: "@acme/app", versions: ["1.0.0", "1.0.1"] })],
    ["every version and no fix", makeAdvisory({ id: "ACME-1", name: "@acme/app" })],
    [
      "a last affected version",
      makeAdvisory({ id: "ACME-1", name: "@acme/app", events: [{ introduced: "0" }, { last_affected: "1.0.0" }] }),
    ],
    [
      "revisions of its own",
      {
        ...own,
        database_specific: {
          revisions: ["01", "02", "03"].map((day) => ({ date: `2026-11-${day}T00:00:00Z`, summary: day })),
        },
      },
    ],
    ["a CVSS 2 vector", { ...own, severity: [{ type: "CVSS_V2", score: "AV:N/AC:L/Au:N/C:P/I:P/A:P" }] }],
    [
      "a foreign package beside ours",
      {
        ...own,
        affected: [
          ...(own["affected"] as object[]),
          { package: { ecosystem: "npm", name: "leaf" }, ranges: [{ type: "SEMVER", events: [{ introduced: "0" }] }] },
        ],
      },
    ],
  ])("with %s is valid, too", async (_title, entry) => {
    const document = await create(entry);
    expect(await findErrors(document)).toEqual([]);
    expect(JSON.stringify(document)).not.toContain("leaf");
  });

  test.each<[string, object, string]>([
    ["was withdrawn", { ...own, withdrawn: "2026-11-21T00:00:00Z" }, "it was withdrawn on 2026-11-21"],
    ["is about others", makeAdvisory({ id: "ACME-1" }), "names no affected version of @acme/app, @acme/other"],
    [
      "has a version that is none",
      makeAdvisory({ id: "ACME-1", name: "@acme/app", events: [{ introduced: "soon" }] }),
      '"soon" is no version',
    ],
    [
      "has revisions that are none",
      { ...own, database_specific: { revisions: [{ date: "today" }] } },
      "database_specific.revisions",
    ],
  ])("is not made of one that %s", async (_title, entry, message) => {
    await expect(create(entry)).rejects.toMatchObject({
      code: "ADVISORY_SOURCE_INVALID",
      message: expect.stringContaining(message),
    });
  });

  test("has the file name that the standard prescribes", () => {
    expect(csafFileName("ACME-2026:1 (a)")).toBe("acme-2026_1_a_.json");
  });
});

test("a folder of advisories that is not there is named", async () => {
  const folder = join(await temporaryFolder(), "none");
  await expect(readAdvisoryFiles(folder)).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
});
