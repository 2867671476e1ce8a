import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeFileDurably } from "@hxp/evidence/durable";
import { packageFolder, type SealedRelease } from "@hxp/evidence/release";
import {
  type GateInput,
  readLicenceFacts,
  readProductionClosure,
  type ReleasePolicy,
  renderNotices,
} from "@hxp/release-gates";

/** What {@link writeNotices} takes beside the release. */
export interface NoticeOptions {
  /** Absolute folder of the installed release tree. */
  workspace: string;
  /** Manifests of packages that are not installed here. */
  registry: GateInput["registry"];
  /** Licence clarifications are taken from here. */
  policy: ReleasePolicy["licences"];
  signal?: AbortSignal | undefined;
}

const fileName = "NOTICE";

/**
 * Writes into an evidence folder what third parties ask to be passed on: a NOTICE for each package, and one for all of
 * them together, in which each text stands once. The record of the release covers them. Throws LOCKFILE_INVALID.
 */
export async function writeNotices(sealed: SealedRelease, options: NoticeOptions): Promise<void> {
  const { workspace, registry, policy, signal } = options;
  const { packages } = sealed.plan;
  const closures = await Promise.all(packages.map(({ folder }) => readProductionClosure(workspace, folder)));
  const facts = await readLicenceFacts(closures, { workspace, registry, policy, signal });
  writeFileDurably(join(sealed.folder, fileName), renderNotices(closures, facts));
  for (const [index, closure] of closures.entries()) {
    const planned = packages[index];
    if (planned === undefined) continue;
    const folder = packageFolder(sealed, planned);
    mkdirSync(folder, { recursive: true });
    writeFileDurably(join(folder, fileName), renderNotices([closure], facts));
  }
}
