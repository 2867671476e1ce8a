import { type Bytes, digest, toHex } from "./bytes.ts";
import type { Statement } from "./read-bundle.ts";

/** What became of a file of the evidence. */
export interface FileVerification {
  file: string;
  /**
   * `unnamed`: nothing signed says what the file must be; `later`: it came after the record, and carries a signature of
   * its own; `absent`: it was not there to be hashed.
   */
  state: "same" | "changed" | "unnamed" | "later" | "absent";
  /** Where the expected digest stands, or why none does. */
  says: string;
}

/** Bytes to be hashed when it is their turn: a tarball may be large. */
export interface FileBytes {
  file: string;
  read: () => Promise<Bytes>;
}

/** Files that no record can name: the record itself, and what the log says after it. Each carries a signature of its own. */
const later = /^(record|rollback)\.sigstore\.json$|^log\/(checkpoint|consistency\.json)$/;

/**
 * Compares files with the digests that a verified record names for them. Tarballs are named by package URL: their
 * expected digests come from the signed plan, by file name.
 */
export async function verifyFiles(
  files: readonly FileBytes[],
  expected: ReadonlyMap<string, Readonly<Record<string, string>>>,
): Promise<FileVerification[]> {
  const results: FileVerification[] = [];
  for (const { file, read } of files) results.push(await verifyFile(file, read, expected.get(file)));
  const present = new Set(files.map(({ file }) => file));
  const absent = [...expected.keys()].filter((file) => !present.has(file));
  return [
    ...results,
    ...absent.map((file) => ({ file, state: "absent" as const, says: "a signed statement names it" })),
  ].toSorted((left, right) => (left.file < right.file ? -1 : 1));
}

async function verifyFile(
  file: string,
  read: () => Promise<Bytes>,
  digests: Readonly<Record<string, string>> | undefined,
): Promise<FileVerification> {
  if (digests === undefined) {
    if (later.test(file)) return { file, state: "later", says: "carries a signature of its own" };
    return { file, state: "unnamed", says: "no verified statement names it" };
  }
  const bytes = await read();
  const algorithms = (["sha512", "sha256"] as const).filter((algorithm) => Object.hasOwn(digests, algorithm));
  if (algorithms.length === 0) return { file, state: "unnamed", says: "its statement names no SHA-256 or SHA-512" };
  for (const algorithm of algorithms) {
    const found = toHex(await digest(algorithm === "sha512" ? "SHA-512" : "SHA-256", bytes));
    if (found !== digests[algorithm]) {
      return { file, state: "changed", says: `${algorithm} is ${found}, signed is ${digests[algorithm]}` };
    }
  }
  return { file, state: "same", says: `${algorithms.join(" and ")} as signed` };
}

/** Digests by file that verified statements name: subjects of plan and record, tarballs by the plan, gates by their own. */
export function listExpectedDigests(statements: readonly Statement[]): Map<string, Readonly<Record<string, string>>> {
  const expected = new Map<string, Readonly<Record<string, string>>>();
  for (const { subject, predicate, predicateType } of statements) {
    if (predicateType.includes("/predicates/release-plan/")) addTarballs(expected, predicate);
    if (!/\/predicates\/release-(plan|record)\//.test(predicateType)) continue;
    for (const { name, digest: digests } of subject) {
      if (name !== undefined && !name.startsWith("pkg:")) expected.set(name, digests);
    }
  }
  return expected;
}

function addTarballs(
  expected: Map<string, Readonly<Record<string, string>>>,
  predicate: Readonly<Record<string, unknown>>,
) {
  const packages = Array.isArray(predicate["packages"]) ? (predicate["packages"] as unknown[]) : [];
  for (const entry of packages) {
    const { file, integrity } = (entry as { tarball?: { file?: unknown; integrity?: unknown } }).tarball ?? {};
    if (typeof file !== "string" || typeof integrity !== "string" || !integrity.startsWith("sha512-")) continue;
    const bytes = Uint8Array.from(atob(integrity.slice(7)), (character) => character.charCodeAt(0));
    expected.set(`tarballs/${file}`, { sha512: toHex(bytes) });
  }
}
