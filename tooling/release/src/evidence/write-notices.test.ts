import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readEvidenceSubjects } from "@hxp/evidence/release";
import { policySchema } from "@hxp/release-gates";
import { expect, test } from "vitest";
import { makePlan, makePlanned } from "../../test/support/make-plan.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { writeNotices } from "./write-notices.ts";

const lockfile = `lockfileVersion: '9.0'
importers:
  packages/core:
    dependencies:
      leaf: { specifier: ^1.0.0, version: 1.0.0 }
  packages/plain:
    dependencies:
      leaf: { specifier: ^1.0.0, version: 1.0.0 }
      twig: { specifier: ^2.0.0, version: 2.0.0 }
packages:
  leaf@1.0.0: { resolution: { integrity: sha512-AA== } }
  twig@2.0.0: { resolution: { integrity: sha512-AA== } }
snapshots:
  leaf@1.0.0: {}
  twig@2.0.0: {}
`;

function writeWorkspace(folder: string): void {
  const manifest = (name: string, version: string): string => JSON.stringify({ name, version, license: "MIT" });
  const files = {
    "pnpm-lock.yaml": lockfile,
    "packages/core/package.json": manifest("@acme/core", "1.1.0"),
    "packages/plain/package.json": manifest("plain", "1.0.1"),
    "node_modules/leaf/package.json": manifest("leaf", "1.0.0"),
    "node_modules/leaf/LICENSE": "The licence of leaf and twig\n",
    "node_modules/twig/package.json": manifest("twig", "2.0.0"),
    "node_modules/twig/LICENSE": "The licence of leaf and twig\n",
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

test("an evidence folder has a NOTICE for each package and one for all, and its record covers them", async () => {
  const workspace = temporaryFolder();
  const folder = temporaryFolder();
  writeWorkspace(workspace);
  const core = makePlanned({ name: "@acme/core", version: "1.1.0", folder: "packages/core" });
  const plain = makePlanned({ name: "plain", version: "1.0.1", folder: "packages/plain" });
  const sealed = { id: "f".repeat(64), plan: makePlan({ packages: [core, plain] }), folder };
  const policy = policySchema.parse({}).licences;
  await writeNotices(sealed, { workspace, registry: () => Promise.resolve(undefined), policy });
  const all = readFileSync(join(folder, "NOTICE"), "utf8");
  expect(all).toMatch(/^@acme\/core, plain are installed with/);
  expect(all).toContain("leaf@1.0.0\ntwig@2.0.0\n\nThe licence of leaf and twig\n");
  const one = readFileSync(join(folder, "packages/acme-core-1.1.0/NOTICE"), "utf8");
  expect(one).toContain("leaf@1.0.0\n\nThe licence of leaf and twig\n");
  expect(one).not.toContain("twig@2.0.0");
  expect(readEvidenceSubjects(folder, "record.sigstore.json").map(({ name }) => name)).toEqual([
    "NOTICE",
    "packages/acme-core-1.1.0/NOTICE",
    "packages/plain-1.0.1/NOTICE",
  ]);
});
