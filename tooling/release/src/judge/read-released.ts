import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import type { Packument, RegistryClient } from "@hxp/release-registry";

/** Where {@link createReleasedReader} reads and writes. */
export interface ReaderOptions {
  client: Pick<RegistryClient, "readPackument" | "readTarball">;
  /** Folder for the tarballs. */
  folder: string;
}

/** A version that the registry has, with the path of its tarball. */
interface ReleasedVersion {
  version: string;
  tarball: string;
}

/** Reads a version's tarball; with the packument where it is known already. */
export type ReadReleased = (name: string, version: string, packument?: Packument) => Promise<ReleasedVersion>;

/**
 * Gives tarballs of versions that the registry knows, each downloaded once. Throws REGISTRY_ANSWER_INVALID where the
 * registry does not have the bytes or names no digest of them, REGISTRY_BYTES_DIFFER where they have another: a release
 * is never judged as if such a version had not been.
 */
export function createReleasedReader({ client, folder }: ReaderOptions): ReadReleased {
  const known = new Map<string, Promise<ReleasedVersion>>();
  const read: ReadReleased = async (name, version, given) => {
    const packument = given ?? (await client.readPackument(name));
    const bytes = await client.readTarball(name, version, packument);
    if (bytes === undefined) {
      throw refuse("REGISTRY_ANSWER_INVALID", `${name}@${version} was released, but the registry has no tarball of it`);
    }
    checkDigest({ name, version, bytes }, packument?.versions[version]?.dist);
    // Two names can be one when what no path may hold is replaced in them.
    const digest = createHash("sha256").update(`${name}@${version}`).digest("hex");
    const tarball = join(folder, `previous-${digest}.tgz`);
    writeFileSync(tarball, bytes);
    return { version, tarball };
  };
  return (name, version, packument) => {
    const key = `${name}@${version}`;
    const answer = known.get(key) ?? read(name, version, packument);
    known.set(key, answer);
    return answer;
  };
}

interface Download {
  name: string;
  version: string;
  bytes: Buffer;
}

/** `integrity` is what clients check; registries that are older than it name the SHA-1 alone. */
function checkDigest(
  { name, version, bytes }: Download,
  dist: Packument["versions"][string]["dist"] | undefined,
): void {
  const sha512 = dist?.integrity?.split(/\s+/).find((entry) => entry.startsWith("sha512-"));
  const expected = sha512 ?? dist?.shasum;
  if (expected === undefined) {
    throw refuse("REGISTRY_ANSWER_INVALID", `The registry names no digest of ${name}@${version}, which was released`);
  }
  const found =
    sha512 === undefined
      ? createHash("sha1").update(bytes).digest("hex")
      : `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (found === expected) return;
  const message = `The registry's tarball of ${name}@${version} has digest ${found}, but the registry names ${expected}`;
  throw refuse("REGISTRY_BYTES_DIFFER", message);
}

function refuse(code: "REGISTRY_ANSWER_INVALID" | "REGISTRY_BYTES_DIFFER", message: string): HxpError {
  return new HxpError(code, `${message}; the release would be judged as if that version had not been.`, {
    hint: "Put the version's own tarball back on the registry, from the evidence or a mirror, or take the version off it; then run again.",
  });
}
