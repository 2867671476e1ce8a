import { encodeText } from "./bytes.ts";
import { type BundleVerification, verifyBundle, type VerifierTrust } from "./verify-bundle.ts";
import { type FileBytes, type FileVerification, listExpectedDigests, verifyFiles } from "./verify-files.ts";

/** What is known of a release's evidence after it was verified here. */
export interface EvidenceVerification {
  /** By path of the bundle. */
  bundles: ReadonlyMap<string, BundleVerification>;
  files: readonly FileVerification[];
  /** Whether every bundle passed, one is a plan and one a record, and no named file differs. */
  verdict: "passed" | "failed" | "not-run";
}

/** Verifies every bundle among the files, then every file against what verified statements name. */
export async function verifyEvidence(
  files: readonly FileBytes[],
  { trust, now, expectAll }: { trust: VerifierTrust; now?: Date; expectAll: boolean },
): Promise<EvidenceVerification> {
  const bundles = new Map<string, BundleVerification>();
  for (const { file, read } of files.filter((entry) => entry.file.endsWith(".sigstore.json"))) {
    bundles.set(file, await verifyBundle(new TextDecoder().decode(await read()), trust, now));
  }
  const statements = [...bundles.values()].flatMap(({ statement }) => (statement === undefined ? [] : [statement]));
  const compared = await verifyFiles(files, listExpectedDigests(statements));
  // Pages carry no tarballs: only a whole folder can lack one.
  const results = expectAll ? compared : compared.filter(({ state }) => state !== "absent");
  const hasRecord = statements.some(({ predicateType }) => predicateType.includes("/predicates/release-record/"));
  return { bundles, files: results, verdict: judge([...bundles.values()], results, hasRecord) };
}

/** Files of the pages' own evidence: texts by path. */
export function toFileBytes(texts: Readonly<Record<string, string>>): FileBytes[] {
  return Object.entries(texts).map(([file, text]) => ({ file, read: async () => encodeText(text) }));
}

function judge(
  bundles: readonly BundleVerification[],
  files: readonly FileVerification[],
  hasRecord: boolean,
): EvidenceVerification["verdict"] {
  const isBroken = files.some(({ state }) => state === "changed" || state === "absent");
  if (isBroken || bundles.some(({ verdict }) => verdict === "failed")) return "failed";
  return bundles.length === 0 || !hasRecord || bundles.some(({ verdict }) => verdict === "not-run")
    ? "not-run"
    : "passed";
}
