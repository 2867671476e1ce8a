import type { KeyObject } from "node:crypto";
import { HxpError } from "@hxp/errors";
import { type Checkpoint, openCheckpoint } from "../log/checkpoint.ts";
import { type ConsistencyProof, verifyConsistencyProof } from "../log/merkle-tree.ts";
import { readPublicKey } from "../sign/public-key.ts";
import type { Trust } from "../trust/trust.ts";

/** Two checkpoints of one log, and the log's proof that the first is the beginning of the second. */
export interface ConsistencyClaim {
  /** The earlier checkpoint, as text. */
  from: string;
  /** The later checkpoint, as text. */
  to: string;
  proof: ConsistencyProof;
}

/**
 * Verifies that a log only grew between two of its checkpoints: nothing was changed, taken out or put in between. Throws
 * LOG_ENTRY_REFUSED, and KEY_NOT_TRUSTED where the trust does not hold the log.
 */
export function verifyConsistency(claim: ConsistencyClaim, trust: Trust): { from: Checkpoint; to: Checkpoint } {
  const from = openTrusted(claim.from, trust);
  const to = openTrusted(claim.to, trust);
  if (from.origin !== to.origin) throw refuse(`the checkpoints are of two logs, ${from.origin} and ${to.origin}`);
  const { fromSize, toSize } = claim.proof;
  if (fromSize !== from.size || toSize !== to.size) {
    throw refuse(`the proof is for ${fromSize} to ${toSize} entries, the checkpoints for ${from.size} to ${to.size}`);
  }
  if (!verifyConsistencyProof(claim.proof, from.root, to.root)) {
    throw refuse(`the log ${from.origin} of ${to.size} entries does not begin with that of ${from.size}`);
  }
  return { from, to };
}

function openTrusted(text: string, trust: Trust): Checkpoint {
  const origin = text.slice(0, text.indexOf("\n"));
  const keys = (trust.trustedRoot.tlogs ?? []).filter(({ baseUrl }) => baseUrl === `https://${origin}`);
  if (keys.length === 0) throw new HxpError("KEY_NOT_TRUSTED", `the trust has no log ${origin}`);
  const opened = keys.flatMap(({ publicKey }) =>
    tryOpen(text, readPublicKey(Buffer.from(publicKey.rawBytes, "base64"))),
  );
  const [checkpoint] = opened;
  if (checkpoint === undefined) throw refuse(`a checkpoint is not signed by the log ${origin}`);
  return checkpoint;
}

function tryOpen(text: string, publicKey: KeyObject): Checkpoint[] {
  try {
    return [openCheckpoint(text, { publicKey })];
  } catch {
    return [];
  }
}

function refuse(reason: string): HxpError {
  return new HxpError("LOG_ENTRY_REFUSED", reason);
}
