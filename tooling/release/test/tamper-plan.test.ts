import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import {
  createKeySigner,
  createSigningKey,
  createStatement,
  openSigningKey,
  openTransparencyLog,
  parseStatement,
  signStatement,
} from "@hxp/evidence";
import {
  after,
  before,
  expectFailure,
  expectSuccess,
  useTamperTemplate,
  toCompany,
} from "./support/tamper-template.ts";
import type { TestWorkspace } from "./support/workspace.ts";

const template = useTamperTemplate();

interface Bundle {
  dsseEnvelope: { payload: string };
  verificationMaterial: { tlogEntries: { inclusionProof: { hashes: string[]; treeSize: string } }[] };
}

/** Evidence folders, relative to the workspace: the first release's and that of the plan. */
function evidenceOf(workspace: TestWorkspace): { first: string; planned: string } {
  const records = workspace.read(".hxp/journal.jsonl").trim().split("\n");
  const seals = records
    .map((line) => JSON.parse(line) as { kind: string; release: string })
    .filter(({ kind }) => kind === "seal");
  return { first: `.hxp/releases/${seals[0]!.release}`, planned: `.hxp/releases/${seals[1]!.release}` };
}

/** Publishes and checks that it is refused with the code, exit code 15, before anything was sent. */
async function expectRefused(workspace: TestWorkspace, code: string): Promise<string> {
  const run = await workspace.release(["publish", ...toCompany], template.env);
  expectFailure(run, { exitCode: 15, code });
  expect(template.registry.writes).toEqual([]);
  expect(await template.registry.channel("latest")).toEqual(before);
  return run.stderr;
}

test("what was planned is published when nothing has touched it", async () => {
  const workspace = await template.planned();
  expectSuccess(await workspace.release(["publish", ...toCompany], template.env));
  expect(await template.registry.channel("latest")).toEqual(after);
});

test("a tarball that changed after it was packed is refused", async () => {
  const workspace = await template.planned();
  const tarball = join(workspace.folder, evidenceOf(workspace).planned, "tarballs/acme-core-1.3.1.tgz");
  writeFileSync(tarball, Buffer.concat([readFileSync(tarball), Buffer.from([0])]));
  expect(await expectRefused(workspace, "PLAN_TAMPERED")).toContain("acme-core-1.3.1.tgz");
});

test("a plan that changed after it was signed is refused, and can be given up and made anew", async () => {
  const workspace = await template.planned();
  workspace.edit(`${evidenceOf(workspace).planned}/plan.json`, (text) =>
    text.replace('"expectedTag": "1.3.0"', '"expectedTag": "1.2.9"'),
  );
  expect(await expectRefused(workspace, "PLAN_TAMPERED")).toContain("rollback");
  const id = basename(evidenceOf(workspace).planned);
  expectSuccess(await workspace.release(["rollback", id, "--reason", "tampered with", ...toCompany], template.env));
  expectSuccess(await workspace.release(toCompany, template.env));
  expect(await template.registry.channel("latest")).toEqual(after);
});

test("a plan whose digest is not the one in the journal is refused, its own signature notwithstanding", async () => {
  const workspace = await template.planned();
  const { first, planned } = evidenceOf(workspace);
  rmSync(join(workspace.folder, planned), { recursive: true });
  cpSync(join(workspace.folder, first), join(workspace.folder, planned), { recursive: true });
  await expectRefused(workspace, "PLAN_TAMPERED");
});

test("the signature of another release's plan is refused", async () => {
  const workspace = await template.planned();
  const { first, planned } = evidenceOf(workspace);
  workspace.write(`${planned}/plan.sigstore.json`, workspace.read(`${first}/plan.sigstore.json`));
  await expectRefused(workspace, "DIGEST_MISMATCH");
});

test("a release key that the trust root does not hold is refused", async () => {
  const workspace = await template.planned();
  for (const file of ["release.pem", "release.pem.pub"]) workspace.remove(`.hxp/keys/${file}`);
  await openSigningKey(join(workspace.folder, ".hxp/keys/release.pem"), { env: {} });
  await expectRefused(workspace, "KEY_NOT_TRUSTED");
});

test("a plan that a stranger signed is refused, though it is in the log", async () => {
  const workspace = await template.planned();
  const { planned } = evidenceOf(workspace);
  const bundle = workspace.readJson(`${planned}/plan.sigstore.json`) as Bundle;
  const { subject, predicateType, predicate } = parseStatement(Buffer.from(bundle.dsseEnvelope.payload, "base64"));
  const key = await openSigningKey(join(workspace.folder, ".hxp/keys/log.pem"), { env: {} });
  using log = openTransparencyLog({
    folder: join(workspace.folder, ".hxp/log"),
    origin: "release-log.hxp.internal",
    key,
  });
  const signer = createKeySigner(createSigningKey());
  const statement = createStatement({ subjects: subject, predicateType, predicate });
  workspace.write(`${planned}/plan.sigstore.json`, await signStatement(statement, { signer, witnesses: [log] }));
  log.close();
  await expectRefused(workspace, "KEY_NOT_TRUSTED");
});

test("a plan that was signed after its key's time had ended is refused", async () => {
  const workspace = await template.planned();
  const { keys, ...rest } = workspace.readJson(".hxp/trust/trusted_keys.json") as {
    keys: { validFor: { start: string } }[];
  };
  const ended = keys.map((key) => ({ ...key, validFor: { ...key.validFor, end: key.validFor.start } }));
  workspace.write(".hxp/trust/trusted_keys.json", { ...rest, keys: ended });
  await expectRefused(workspace, "KEY_NOT_VALID");
});

test("a forged inclusion proof is refused", async () => {
  const workspace = await template.planned();
  const path = `${evidenceOf(workspace).planned}/plan.sigstore.json`;
  const bundle = workspace.readJson(path) as Bundle;
  const [entry] = bundle.verificationMaterial.tlogEntries;
  expect(entry!.inclusionProof.hashes.length).toBeGreaterThan(0);
  entry!.inclusionProof.hashes[0] = Buffer.alloc(32, 7).toString("base64");
  workspace.write(path, bundle);
  await expectRefused(workspace, "LOG_ENTRY_REFUSED");
});

test("a log that has lost its last entry is refused", async () => {
  const workspace = await template.planned();
  workspace.edit(".hxp/log/entries.jsonl", (text) => `${text.trimEnd().split("\n").slice(0, -1).join("\n")}\n`);
  await expectRefused(workspace, "LOG_CORRUPT");
});

test("a log that was put back to an earlier state, checkpoint and all, is refused", async () => {
  const earlier = await template.changed();
  const workspace = await template.planned();
  for (const file of readdirSync(join(earlier.folder, ".hxp/log"))) {
    workspace.edit(`.hxp/log/${file}`, () => earlier.read(`.hxp/log/${file}`));
  }
  await expectRefused(workspace, "LOG_CORRUPT");
});

test("a log that was begun anew is refused", async () => {
  const workspace = await template.planned();
  workspace.remove(".hxp/log");
  await expectRefused(workspace, "LOG_CORRUPT");
});

test("a journal in which a line was changed is refused", async () => {
  const workspace = await template.planned();
  workspace.edit(".hxp/journal.jsonl", (text) => text.replace('"expectedTag":null', '"expectedTag":"1.2.9"'));
  await expectRefused(workspace, "JOURNAL_CORRUPT");
});

test("a journal whose last line, which none vouches for, is not as the signed plan says is refused", async () => {
  const workspace = await template.planned();
  const lines = workspace.read(".hxp/journal.jsonl").trimEnd().split("\n");
  const last = lines.pop()!.replace('"onRegistry":false', '"onRegistry":true');
  workspace.edit(".hxp/journal.jsonl", () => `${[...lines, last].join("\n")}\n`);
  await expectRefused(workspace, "JOURNAL_CORRUPT");
});
