import { evidenceFiles, packageFolder, tarballPath } from "@hxp/evidence/release";
import { describe, expect, test } from "vitest";
import { makePlan, makePlanned } from "../../test/support/make-plan.ts";
import { renderAuditorGuide } from "./render-auditor-guide.ts";
import { renderReleaseNotes } from "./render-release-notes.ts";

const core = makePlanned({ version: "1.1.0", oldVersion: "1.0.0", bump: "minor", reasons: ["Greets.", "Counts."] });
const plan = makePlan({ packages: [core, makePlanned({ name: "plain" })] });

test("release notes have a table of versions and, per package, its reasons", () => {
  expect(renderReleaseNotes(plan)).toBe(`# Release of 2 packages to \`latest\`

Source commit \`${"a".repeat(40)}\`, release commit \`${"c".repeat(40)}\`.

| package | from | to | bump |
|---|---|---|---|
| @acme/core | 1.0.0 | **1.1.0** | minor |
| plain | 1.0.0 | **1.0.0** | none |

## @acme/core 1.1.0

- Greets.
- Counts.

## plain 1.0.0

- It was never published.
`);
});

describe("the auditor's guide", () => {
  const guide = renderAuditorGuide({ id: "f".repeat(64), plan });

  test("names the release, the source and the commands, with a trust root from elsewhere", () => {
    expect(guide).toContain(`# Evidence of release ${"f".repeat(64)}`);
    expect(guide).toContain(`commit \`${"a".repeat(40)}\`.`);
    expect(guide).toMatch(/^ {4}node verify\.mjs \. --trusted-root /m);
    expect(guide).toMatch(/^ {4}npx @hxp\/cli evidence verify \. --trusted-root /m);
    expect(guide).toMatch(/^ {4}npx @hxp\/release verify \. --trusted-root /m);
  });

  test("says so when the source was dirty", () => {
    const source = { ...plan.source, dirty: ["package.json"] };
    expect(renderAuditorGuide({ id: "f", plan: { ...plan, source } })).toContain("**with uncommitted changes**");
    expect(guide).not.toContain("uncommitted");
  });

  test("explains everything that an evidence folder holds", () => {
    const { notes: _notes, guide: _guide, ...files } = evidenceFiles;
    for (const file of Object.values(files)) expect(guide).toContain(`\`${file.replace(/\/.*/, "/")}`);
  });
});

test("a package's files lie inside the evidence folder, scope or not", () => {
  expect(tarballPath({ folder: "/r" }, core)).toBe("/r/tarballs/acme-core-1.1.0.tgz");
  expect(packageFolder({ folder: "/r" }, core)).toBe("/r/packages/acme-core-1.1.0");
  expect(packageFolder({ folder: "/r" }, { name: "plain", version: "1.0.0" })).toBe("/r/packages/plain-1.0.0");
});
