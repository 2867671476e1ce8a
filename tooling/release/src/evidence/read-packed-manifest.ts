import { readFileSync } from "node:fs";
import { HxpError } from "@hxp/errors";
import { readPackageTarball } from "@hxp/release-gates";

/** The `package.json` inside a tarball. */
export function readPackedManifest(tarball: string): Record<string, unknown> {
  const file = readPackageTarball(readFileSync(tarball)).files.find(({ path }) => path === "package.json");
  if (file === undefined) throw new HxpError("WORKSPACE_INVALID", `${tarball} has no package.json`);
  return JSON.parse(Buffer.from(file.bytes).toString("utf8")) as Record<string, unknown>;
}
