import { gunzipSync } from "node:zlib";
import { HxpError } from "@hxp/errors";
import { checkPath } from "./check-path.ts";
import { parseTar, type TarEntry } from "./parse-tar.ts";

/** A regular file of a package. */
export interface PackedFile {
  /** Path inside the package, without the `package/` that tarballs put in front. */
  path: string;
  bytes: Buffer;
  mode: number;
}

/** Something about an archive that clients could read in different ways, or that reaches outside the package. */
export interface ArchiveProblem {
  rule: "archive-path" | "archive-link" | "archive-special" | "archive-duplicate" | "archive-bytes";
  where: string;
  message: string;
}

/** What a tarball contains. */
export interface Tarball {
  /** In the order of the archive; entries with a problem are left out. */
  files: PackedFile[];
  problems: ArchiveProblem[];
}

/** The largest archive that is unpacked, in bytes: what is larger is a bomb or no npm package. */
const maximumUnpackedBytes = 1024 ** 3;

/**
 * Reads a package's tarball in memory, without ever writing to disk.
 * Stricter than npm on purpose: what two tar readers may understand differently is a problem, never a guess.
 * Throws TARBALL_INVALID when the bytes are no gzipped tar archive.
 */
export function readPackageTarball(bytes: Uint8Array): Tarball {
  const { tar, trailing } = unzip(bytes);
  const { entries, problems: structure } = parseTar(tar);
  const problems: ArchiveProblem[] = structure.map((problem) => ({ rule: "archive-bytes", ...problem }));
  if (trailing > 0) {
    problems.push({ rule: "archive-bytes", where: "tarball", message: `${trailing} bytes follow the gzip stream.` });
  }
  const seen = new Map<string, string>();
  const files: PackedFile[] = [];
  for (const entry of entries) {
    const problem = problemOf(entry, seen);
    if (problem !== undefined) problems.push(problem);
    else if (entry.kind === "file") files.push(toFile(entry));
  }
  return { files, problems };
}

function unzip(bytes: Uint8Array): { tar: Buffer; trailing: number } {
  try {
    // With `info`, zlib tells how much it consumed: it stops at the first byte that is not gzip and says nothing else.
    const result = gunzipSync(bytes, { info: true, maxOutputLength: maximumUnpackedBytes }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return { tar: result.buffer, trailing: bytes.length - result.engine.bytesWritten };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new HxpError("TARBALL_INVALID", `The tarball cannot be unzipped: ${message}`, { cause });
  }
}

/** `seen` maps a path as a case-insensitive, normalising file system sees it to the path that took it first. */
function problemOf(entry: TarEntry, seen: Map<string, string>): ArchiveProblem | undefined {
  const where = entry.path;
  if (entry.kind === "link") {
    return { rule: "archive-link", where, message: `The entry is a link to ${entry.target}.` };
  }
  if (entry.kind === "special") {
    return { rule: "archive-special", where, message: `The entry is of type "${entry.type}", not a file or folder.` };
  }
  const pathProblem = checkPath(where);
  if (pathProblem !== undefined) return { rule: "archive-path", where, message: pathProblem };
  if (entry.kind === "folder") return undefined;
  const folded = where.normalize("NFC").toLowerCase();
  const first = seen.get(folded);
  if (first !== undefined) {
    return {
      rule: "archive-duplicate",
      where,
      message: `The path stands for the same file as ${first}, an earlier entry.`,
    };
  }
  seen.set(folded, where);
  return undefined;
}

function toFile({ path, bytes, mode }: TarEntry): PackedFile {
  return { path: path.slice("package/".length), bytes, mode };
}
