import { createHash } from "node:crypto";
import { createReadStream, readFileSync, statSync } from "node:fs";
import { HxpError } from "@hxp/errors";
import { type VerifiedStatement, verifyStatement } from "../verify/verify-statement.ts";
import { gatherStatementFacts, type StatementFacts } from "./statement-facts.ts";
import type { VerifyOptions } from "./verification.ts";

/** What one bundle proves. */
export interface BundleVerification {
  /** The file whose bytes were compared; null: none was, and the statement says only which digests it is about. */
  file: string | null;
  facts: StatementFacts;
}

const maximumBytes = 64 * 1024 * 1024;

/**
 * Verifies one bundle (`*.sigstore.json`) with no network: signature, log entry, key at log time, signer. With `file`, the
 * statement must be about exactly these bytes, whatever their name: DIGEST_MISMATCH.
 */
export async function verifyBundleFile(
  path: string,
  { file, ...options }: VerifyOptions & { file?: string | undefined },
): Promise<BundleVerification> {
  if (statSync(path).size > maximumBytes) throw new HxpError("BUNDLE_INVALID", `${path} is over ${maximumBytes} bytes`);
  const subjects = file === undefined ? "any" : [{ digest: await digestFile(file) }];
  const verified: VerifiedStatement = verifyStatement(readFileSync(path, "utf8"), {
    ...options,
    predicateType: "any",
    subjects,
  });
  return { file: file ?? null, facts: gatherStatementFacts([verified], options) };
}

async function digestFile(path: string): Promise<{ sha256: string; sha512: string }> {
  const [sha256, sha512] = [createHash("sha256"), createHash("sha512")];
  try {
    for await (const chunk of createReadStream(path)) {
      sha256.update(chunk as Buffer);
      sha512.update(chunk as Buffer);
    }
  } catch (cause) {
    throw new HxpError("FILE_UNREADABLE", `${path} cannot be read`, { cause });
  }
  return { sha256: sha256.digest("hex"), sha512: sha512.digest("hex") };
}
