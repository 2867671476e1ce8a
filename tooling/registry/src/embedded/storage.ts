import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { writeFileDurably } from "@hxp/evidence/durable";
import { HxpError } from "@hxp/errors";

/** The folders and files of an embedded registry. */
export interface RegistryFolder {
  readonly root: string;
  /** verdaccio's data: one folder per package. */
  readonly packages: string;
  readonly attestations: string;
  /** One empty file per package whose `latest` nobody has set. */
  readonly unset: string;
  /** Package folders that could not be read when the registry started. */
  readonly quarantine: string;
  /** Where space is tried out before a publish. */
  readonly reserve: string;
  /** Holds the socket between the front and verdaccio. */
  readonly run: string;
  readonly lease: string;
  readonly token: string;
  /** Address of the process that serves this folder now. */
  readonly serving: string;
}

/** Names the parts of a registry's folder and makes those that are missing. */
export function openRegistryFolder(root: string): RegistryFolder {
  const folder: RegistryFolder = {
    root,
    packages: join(root, "packages"),
    attestations: join(root, "attestations"),
    unset: join(root, "unset-latest"),
    quarantine: join(root, "quarantine"),
    reserve: join(root, "reserve"),
    run: join(root, "run"),
    lease: join(root, "lease"),
    token: join(root, "token"),
    serving: join(root, "serving.json"),
  };
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    for (const part of [folder.packages, folder.attestations, folder.unset]) mkdirSync(part, { recursive: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOSPC") throw cause;
    throw new HxpError("FILE_UNREADABLE", `Cannot make the registry's folder ${root}`, { cause });
  }
  return folder;
}

/** The token that writes need: random, made on first use, mode 0600, the same for all later starts. */
export function readOrMakeToken(folder: RegistryFolder): string {
  const known = readIfThere(folder.token)?.trim() ?? "";
  if (/^hxp_[\w-]{40,}$/.test(known)) return known;
  const token = `hxp_${randomBytes(32).toString("base64url")}`;
  writeFileDurably(folder.token, `${token}\n`, { mode: 0o600 });
  return token;
}

/**
 * Puts right what a killed process left behind: half-written files, locks, tarballs that no version names (verdaccio
 * would refuse them for ever), an unreadable list of packages. Only for the holder of the folder's lease. Gives the
 * names of packages that had to be put aside.
 */
export function repairStorage(folder: RegistryFolder): string[] {
  rmSync(folder.reserve, { force: true });
  const names = listPackageFolders(folder);
  const aside = names.filter((name) => repairPackage(folder, name) === "aside");
  const list = listPackageFolders(folder);
  // verdaccio goes read-only when it cannot parse this file, and writes it in place; it says nothing the folders do not.
  writeFileDurably(
    join(folder.packages, ".verdaccio-db.json"),
    JSON.stringify({ list, secret: randomBytes(16).toString("hex") }),
    {
      mode: 0o600,
    },
  );
  return aside;
}

/** As {@link repairStorage}, for one package, while nobody else writes to it. */
export function repairPackage(folder: RegistryFolder, name: string): "whole" | "removed" | "aside" {
  const path = join(folder.packages, name);
  const text = readIfThere(join(path, "package.json")) ?? "";
  const packument = parsePackument(text);
  if (packument === undefined && text !== "") {
    mkdirSync(folder.quarantine, { recursive: true });
    renameSync(path, join(folder.quarantine, `${encodeURIComponent(name)}-${randomBytes(4).toString("hex")}`));
    return "aside";
  }
  const versions = Object.values(packument?.versions ?? {});
  if (versions.length === 0) {
    rmSync(path, { recursive: true, force: true });
    return "removed";
  }
  const kept = new Set(["package.json", ...versions.map(({ dist }) => basename(dist?.tarball ?? ""))]);
  for (const file of readdirSync(path)) {
    if (!kept.has(file)) rmSync(join(path, file), { recursive: true, force: true });
  }
  return "whole";
}

function listPackageFolders({ packages }: RegistryFolder): string[] {
  return readdirSync(packages).flatMap((entry) => {
    const path = join(packages, entry);
    if (!isFolder(path)) return [];
    return entry.startsWith("@") ? readdirSync(path).map((name) => `${entry}/${name}`) : [entry];
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

interface StoredPackument {
  versions?: Record<string, { dist?: { tarball?: string } }>;
}

function parsePackument(text: string): StoredPackument | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
