import { HxpError } from "@hxp/errors";
import type { DigestSet } from "../statement/schema-parts.ts";
import { digestBytes, type Statement } from "../statement/statement.ts";

/** What a statement must be about: bytes at hand, or their digest (`sha256` or `sha512`, lower-case hex). */
export type ExpectedSubject = { readonly name?: string | undefined } & (
  | { readonly bytes: Uint8Array }
  | { readonly digest: DigestSet }
);

const strongAlgorithms = ["sha512", "sha256"];

/** Throws DIGEST_MISMATCH unless each expected subject is among the statement's: by name where one is given, and by digest. */
export function checkSubjects(statement: Statement, expected: readonly ExpectedSubject[]): void {
  for (const subject of expected) checkSubject(statement, subject);
}

function checkSubject(statement: Statement, expected: ExpectedSubject): void {
  const digest = "bytes" in expected ? digestBytes(expected.bytes) : expected.digest;
  const { name } = expected;
  const candidates = statement.subject.filter((subject) => name === undefined || subject.name === name);
  if (candidates.length === 0) throw new HxpError("DIGEST_MISMATCH", `the statement has no subject ${name ?? ""}`);
  if (candidates.some((subject) => isSameDigest(subject.digest, digest))) return;
  throw new HxpError("DIGEST_MISMATCH", `the digest of ${name ?? "the bytes"} is not in the statement`, {
    details: { expected: digest, found: candidates.map((subject) => subject.digest) },
  });
}

/** At least one strong algorithm in common, and no algorithm in common on which the two differ. */
function isSameDigest(left: DigestSet, right: DigestSet): boolean {
  const common = Object.keys(left).filter((algorithm) => Object.hasOwn(right, algorithm));
  return (
    common.some((algorithm) => strongAlgorithms.includes(algorithm)) &&
    common.every((algorithm) => left[algorithm] === right[algorithm])
  );
}
