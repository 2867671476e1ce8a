import { encodeText } from "./bytes.ts";
import { type BundleVerification, verifyBundle, type VerifierTrust } from "./verify-bundle.ts";
import { type FileBytes, type FileVerification, listExpectedDigests, verifyFiles } from "./verify-files.ts";

/** What is known of a release's evidence after it was verified here. */
export interface EvidenceVerification {
  /** By path of the bundle. */
  bundles: ReadonlyMap<string, BundleVerification>;
  files: readonly FileVerification[];
  /**
   * Whether every bundle passed, one is a plan and one a record, and no file differs. Of a whole folder, every file must
   * be there that a statement names, and no other. `not-run` where a bundle could not be verified, or one is missing.
   */
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
  const isWhole = ["plan", "record"].every((kind) =>
    statements.some(({ predicateType }) => predicateType.includes(`/predicates/release-${kind}/`)),
  );
  const isWrong = results.some(({ state }) => wrongStates.has(state) || (expectAll && state === "unnamed"));
  return { bundles, files: results, verdict: judge([...bundles.values()], { isWhole, isWrong }) };
}

/** Files of the pages' own evidence: texts by path. */
export function toFileBytes(texts: Readonly<Record<string, string>>): FileBytes[] {
  return Object.entries(texts).map(([file, text]) => ({ file, read: async () => encodeText(text) }));
}

const wrongStates: ReadonlySet<string> = new Set(["changed", "absent"]);

function judge(
  bundles: readonly BundleVerification[],
  { isWhole, isWrong }: { isWhole: boolean; isWrong: boolean },
): EvidenceVerification["verdict"] {
  if (isWrong || bundles.some(({ verdict }) => verdict === "failed")) return "failed";
  return !isWhole || bundles.some(({ verdict }) => verdict === "not-run") ? "not-run" : "passed";
}
