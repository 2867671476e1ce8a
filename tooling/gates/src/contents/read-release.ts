import { createHash } from "node:crypto";
import type { PackedFile } from "../archive/read-package-tarball.ts";
import { findCapabilities } from "./code/find-capabilities.ts";
import { findHosts, type HostUse } from "./code/find-hosts.ts";
import { findShapes, type ShapeSighting } from "./code/find-shapes.ts";
import { findInvisible, measureCode, measureEntropy } from "./code/measure-text.ts";
import { parseCode } from "./code/parse-code.ts";
import { transpileSource } from "./code/transpile-source.ts";
import type { CapabilityUse } from "./code/capability.ts";
import { disguiseOf, type FileKind, isTextKind, kindOfFile } from "./file-kind.ts";
import { type PackedManifest, readPackedManifest } from "./packed-manifest.ts";

/** What reading a file tells, for the same bytes always the same. */
interface FileFacts {
  uses: readonly CapabilityUse[];
  hosts: readonly HostUse[];
  shapes: readonly ShapeSighting[];
  /** Shannon entropy, bits for each byte. */
  entropy: number;
  /** Why code could not be parsed. */
  problem?: string;
  /** What the file is, where that is not what its name says. */
  disguise?: string;
}

/** A file of a release. */
export interface ReleasedFile extends FileFacts {
  path: string;
  bytes: number;
  /** `sha256:<hex>`. */
  digest: string;
  kind: FileKind;
}

/** A version of a package, read. */
export interface ReadRelease {
  version: string;
  /** Ordered by path. */
  files: readonly ReleasedFile[];
  /** Undefined when package.json is none. */
  manifest: PackedManifest | undefined;
}

/** Facts that are known already, by kind, module type and digest: most files of two releases are the same. */
export type FactCache = Map<string, FileFacts>;

/** Reads every file of a version: what it is, and what its code can do. */
export function readRelease(version: string, files: readonly PackedFile[], cache: FactCache): ReadRelease {
  const found = readPackedManifest(files);
  const manifest = typeof found === "string" ? undefined : found;
  const isModule = manifest?.type === "module";
  return {
    version,
    files: files.map((file) => readFile(file, isModule, cache)).toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    manifest,
  };
}

function readFile(file: PackedFile, isModule: boolean, cache: FactCache): ReleasedFile {
  const { path, bytes } = file;
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const kind = kindOfFile(file);
  const isModuleFile = path.endsWith(".mjs") || (isModule && !path.endsWith(".cjs"));
  const key = `${kind} ${isModuleFile} ${digest}`;
  const facts = cache.get(key) ?? readFacts(file, kind, isModuleFile);
  cache.set(key, facts);
  return { path, bytes: bytes.length, digest, kind, ...facts };
}

function readFacts({ path, bytes }: PackedFile, kind: FileKind, isModule: boolean): FileFacts {
  const disguise = disguiseOf(kind, bytes);
  const entropy = Math.round(measureEntropy(bytes) * 100) / 100;
  const nothing = { uses: [], hosts: [], entropy };
  if (disguise !== undefined) return { ...nothing, shapes: [], disguise };
  if (!isTextKind(kind)) return { ...nothing, shapes: [] };
  const text = bytes.toString("utf8");
  const unseen = findInvisible(text, kind !== "document" && kind !== "data");
  if (kind !== "code" && kind !== "source") return { ...nothing, shapes: unseen };
  const script = kind === "source" || /\.[cm]?jsx$/i.test(path) ? transpileSource(path, text) : text;
  return { entropy, ...readCode(script, isModule || kind === "source", [...unseen, ...measureCode(bytes)]) };
}

function readCode(text: string, isModule: boolean, shapes: ShapeSighting[]): Omit<FileFacts, "entropy"> {
  try {
    const code = parseCode(text, isModule);
    if (typeof code === "string") return { uses: [], hosts: [], shapes, problem: code };
    return { uses: findCapabilities(code), hosts: findHosts(code), shapes: [...shapes, ...findShapes(code)] };
  } catch (error) {
    // What is nested without end overflows the stack of any parser.
    if (!(error instanceof RangeError)) throw error;
    return { uses: [], hosts: [], shapes, problem: "it is nested too deeply" };
  }
}
