import { join } from "node:path";
import {
  type IdentityPolicy,
  openSigningKey,
  openTransparencyLog,
  type SerializedBundle,
  type Signer,
  signStatement,
  type Statement,
  type TransparencyLog,
  type Trust,
} from "@hxp/evidence";
import type { ReleaseContext } from "../release-context.ts";
import { assertLogGrew } from "./known-checkpoints.ts";
import { openSigner } from "./open-signer.ts";
import { openTrust } from "./open-trust.ts";

const origin = "release-log.hxp.internal";

/** Who signs a release, and what its signatures are checked against. */
export interface Signing {
  /** Signs `dist.signatures`; undefined for signers that have no key of their own. */
  registrySigner: Signer | undefined;
  log: TransparencyLog;
  trust: Trust;
  /** Who must have signed this workspace's statements. */
  identity: IdentityPolicy;
  /** Signs a statement and has the log witness it. */
  sign(statement: Statement): Promise<SerializedBundle>;
}

/**
 * Opens signer, trust root and log, and makes what is missing on the first use; the log's key is locked as the release
 * key is. The log stays leased until the command ends.
 */
export async function openSigning(context: ReleaseContext): Promise<Signing> {
  const { paths, clock } = context;
  const { signer, publicKey, identity, passphrase = "" } = await openSigner(context);
  const key = await openSigningKey(join(paths.keys, "log.pem"), { passphrase });
  const trust = openTrust(context, { log: { origin, publicKey: key.publicKey }, publicKey });
  const log = openTransparencyLog({ folder: paths.log, origin, key, clock });
  context.onClose(() => log.close());
  assertLogGrew(paths.releases, { log, trust });
  return {
    registrySigner: publicKey === undefined ? undefined : signer,
    log,
    trust,
    identity,
    sign: (statement) => signStatement(statement, { signer, witnesses: [log] }),
  };
}
