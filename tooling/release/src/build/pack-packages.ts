import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { runCommand } from "../workspace/run-command.ts";

/** A package that was packed. */
export interface PackedPackage {
  name: string;
  version: string;
  /** Absolute path of the tarball. */
  path: string;
  /** `sha512-…` */
  integrity: string;
  /** Bytes. */
  size: number;
}

/**
 * Packs packages of a built workspace into a folder with `pnpm pack`, which writes the same bytes for the same files.
 * Lifecycle scripts do not run: the build is over, and nothing may change the files after it.
 */
export async function packPackages(
  workspace: string,
  packages: readonly { name: string; version: string; folder: string }[],
  options: { folder: string; env: NodeJS.ProcessEnv; signal?: AbortSignal | undefined },
): Promise<PackedPackage[]> {
  mkdirSync(dirname(options.folder), { recursive: true });
  // A name of its own: a `pnpm pack` that outlives a killed release goes on writing where it was started.
  const unfinished = mkdtempSync(`${options.folder}-`);
  const packed: PackedPackage[] = [];
  for (const { name, version, folder } of packages) {
    const file = tarballName(name, version);
    const command = ["pnpm", "pack", "--config.ignore-scripts=true", "--out", join(unfinished, file)];
    await runCommand(command, { cwd: join(workspace, folder), env: options.env, signal: options.signal });
    packed.push({ name, version, path: join(options.folder, file), ...digestFile(join(unfinished, file)) });
  }
  rmSync(options.folder, { recursive: true, force: true });
  renameSync(unfinished, options.folder);
  return packed;
}

/** Size and `sha512-…` of a file. */
export function digestFile(path: string): { integrity: string; size: number } {
  const bytes = readFileSync(path);
  return { integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`, size: bytes.length };
}

/** File name of a package's tarball: npm's convention, `@scope/name` becomes `scope-name`. */
export function tarballName(name: string, version: string): string {
  return `${tarballStem(name)}-${version}.tgz`;
}

function tarballStem(name: string): string {
  return basename(name.replace(/^@/, "").replaceAll("/", "-"));
}
