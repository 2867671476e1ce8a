import { createHash } from "node:crypto";
import type { PackedFile } from "../archive/read-package-tarball.ts";
import { findCapabilities } from "./code/find-capabilities.ts";
import { type FileLoad, findLoads } from "./code/find-loads.ts";
import { findHosts, type HostUse } from "./code/find-hosts.ts";
import { findShapes, type ShapeSighting } from "./code/find-shapes.ts";
import { findInvisible, measureCode, measureEntropy } from "./code/measure-text.ts";
import { parseCode } from "./code/parse-code.ts";
import { transpileSource } from "./code/transpile-source.ts";
import type { CapabilityUse } from "./code/capability.ts";
import { disguiseOf, type FileKind, isText, isTextKind, kindOfFile } from "./file-kind.ts";
import { findMisnamed } from "./find-misnamed.ts";
import { type PackedManifest, readPackedManifest } from "./packed-manifest.ts";

/** What reading a file tells, for the same bytes always the same. */
interface FileFacts {
  uses: readonly CapabilityUse[];
  hosts: readonly HostUse[];
  shapes: readonly ShapeSighting[];
  loads: readonly FileLoad[];
  /** Whether it is JavaScript that does something, whatever its name says. */
  isCode: boolean;
  /** Whether Node could run it: it is text, and no JSON that is named so. */
  isRunnable: boolean;
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
  /** What loads it as code, though it is not named as code. */
  loadedBy?: string;
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
  const read = files.map((file) => readFile(file, isModule, cache)).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const misnamed = findMisnamed(read, manifest);
  const withLoader = (file: ReleasedFile): ReleasedFile => {
    const loadedBy = misnamed.get(file.path);
    return loadedBy === undefined ? file : { ...file, loadedBy };
  };
  return { version, files: read.map(withLoader), manifest };
}

function readFile(file: PackedFile, isModule: boolean, cache: FactCache): ReleasedFile {
  const { path, bytes } = file;
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const kind = kindOfFile(file);
  const isModuleFile = path.endsWith(".mjs") || (isModule && !path.endsWith(".cjs"));
  const key = `${kind} ${isModuleFile} ${path.endsWith(".json")} ${digest}`;
  const facts = cache.get(key) ?? readFacts(file, kind, isModuleFile);
  cache.set(key, facts);
  return { path, bytes: bytes.length, digest, kind, ...facts };
}

function readFacts({ path, bytes }: PackedFile, kind: FileKind, isModule: boolean): FileFacts {
  const disguise = disguiseOf(kind, bytes);
  const entropy = Math.round(measureEntropy(bytes) * 100) / 100;
  const nothing = { uses: [], hosts: [], shapes: [], loads: [], isCode: false, isRunnable: false, entropy };
  if (disguise !== undefined) return { ...nothing, disguise };
  if (!isText(bytes)) return nothing;
  const text = bytes.toString("utf8");
  const isStrict = kind !== "document" && kind !== "data";
  const unseen = isTextKind(kind) ? findInvisible(text, isStrict) : [];
  if (path.endsWith(".json") && isJson(text)) return { ...nothing, shapes: unseen };
  if (kind !== "code" && kind !== "source") return { ...nothing, ...readUnnamed(text, kind, unseen) };
  const script = kind === "source" || /\.[cm]?jsx$/i.test(path) ? transpileSource(path, text) : text;
  const shapes = [...unseen, ...measureCode(bytes)];
  const isRunnable = true;
  return { entropy, isRunnable, ...readCode(script, isModule || kind === "source", shapes) };
}

type CodeFacts = Omit<FileFacts, "entropy" | "isRunnable">;

/** Text whose name does not say that it is code, but that may be: nothing keeps Node from running it. */
function readUnnamed(text: string, kind: FileKind, shapes: ShapeSighting[]): Partial<FileFacts> {
  // What neither calls nor imports anything does nothing.
  if (!/[(`]|\bimport\b|\bnew\b/.test(text)) return { shapes, isRunnable: true };
  const code = readCode(text, false, shapes);
  // Declarations import and export as code does, and do nothing by that.
  const doesSomething = code.uses.length > 0 || (kind !== "declarations" && code.loads.length > 0);
  if (code.problem !== undefined || !doesSomething) return { shapes, isRunnable: true };
  return { ...code, shapes: [...code.shapes, ...measureCode(Buffer.from(text))], isRunnable: true };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function readCode(text: string, isModule: boolean, shapes: ShapeSighting[]): CodeFacts {
  const nothing = { uses: [], hosts: [], loads: [], shapes, isCode: false };
  try {
    const code = parseCode(text, isModule);
    if (typeof code === "string") return { ...nothing, problem: code };
    return {
      uses: findCapabilities(code),
      hosts: findHosts(code),
      loads: findLoads(code),
      shapes: [...shapes, ...findShapes(code)],
      isCode: true,
    };
  } catch (error) {
    // What is nested without end overflows the stack of any parser.
    if (!(error instanceof RangeError)) throw error;
    return { ...nothing, problem: "it is nested too deeply" };
  }
}
