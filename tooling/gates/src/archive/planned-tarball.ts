import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { HxpError } from "@hxp/errors";
import type { GatePackage, InputDigest } from "../gate.ts";

/**
 * Reads the bytes of a package's tarball.
 * Throws FILE_UNREADABLE, or GATE_INPUT_CHANGED when the bytes are not those that the plan names.
 */
export async function readPlannedTarball({ name, tarball }: GatePackage): Promise<Uint8Array> {
  const bytes = await readBytes(tarball.path);
  const actual = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (actual !== tarball.integrity) {
    const message = `The tarball of ${name} is not the one of the plan: expected ${tarball.integrity}, found ${actual}.`;
    throw new HxpError("GATE_INPUT_CHANGED", message, { details: { path: tarball.path } });
  }
  return bytes;
}

/** Reads a file; throws FILE_UNREADABLE. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new HxpError("FILE_UNREADABLE", `${path} cannot be read.`, { cause });
  }
}

/** The digest of a package's tarball, for a gate's list of inputs. */
export function digestOfTarball({ name, version, tarball }: GatePackage): InputDigest {
  const hex = Buffer.from(tarball.integrity.replace(/^sha512-/, ""), "base64").toString("hex");
  return { name: `${name}@${version} tarball`, digest: `sha512:${hex}` };
}
