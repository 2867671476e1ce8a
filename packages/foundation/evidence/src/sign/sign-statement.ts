import { HxpError, isHxpError } from "@hxp/errors";
import { bundleToJSON, type SerializedBundle } from "@sigstore/bundle";
import { DSSEBundleBuilder, type Signer, type Witness } from "@sigstore/sign";
import { serializeStatement, type Statement, statementPayloadType } from "../statement/statement.ts";

/** Who signs, and who witnesses that. */
export interface SignStatementOptions {
  signer: Signer;
  /** At least one, because a signature without a trusted time outlives the validity of its key. */
  witnesses: readonly Witness[];
}

/**
 * Signs a statement and has the signature witnessed; returns the sigstore bundle as plain JSON data. Sign several at
 * once (`Promise.all`): a transparency log writes those that arrive together in one go. Throws SIGNING_FAILED, or what
 * the signer or a witness throws.
 */
export async function signStatement(
  statement: Statement,
  { signer, witnesses }: SignStatementOptions,
): Promise<SerializedBundle> {
  if (witnesses.length === 0) throw new HxpError("USAGE_INVALID", "signing needs at least one witness");
  const builder = new DSSEBundleBuilder({ signer, witnesses: [...witnesses] });
  try {
    return bundleToJSON(await builder.create({ data: serializeStatement(statement), type: statementPayloadType }));
  } catch (error) {
    if (isHxpError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new HxpError("SIGNING_FAILED", `the ${statement.predicateType} statement was not signed: ${reason}`, {
      cause: error,
    });
  }
}
