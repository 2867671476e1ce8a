import { extname } from "node:path";
import type { PackedFile } from "../archive/read-package-tarball.ts";

/** What a file of a package is for. */
export type FileKind =
  | "code"
  | "declarations"
  | "source"
  | "document"
  | "data"
  | "media"
  | "script"
  | "workflow"
  | "settings"
  | "archive"
  | "binary"
  | "other";

/** By path, in this order; what lies in a folder that tools obey is that, whatever its name ends with. */
const kindsByPath: readonly (readonly [FileKind, RegExp])[] = [
  [
    "workflow",
    /(?:^|\/)(?:\.github|\.gitlab|\.circleci|\.buildkite)\/|(?:^|\/)(?:\.gitlab-ci|azure-pipelines|\.travis)\.ya?ml$/i,
  ],
  [
    "settings",
    /(?:^|\/)\.(?:vscode|idea|claude|cursor|codex|gemini|devcontainer|husky|kiro)\/|(?:^|\/)\.(?:bashrc|zshrc|profile|gitconfig|mcp\.json)$/i,
  ],
  ["declarations", /\.d\.[cm]?ts$/i],
  ["code", /\.[cm]?jsx?$/i],
  ["source", /\.[cm]?tsx?$/i],
  ["script", /\.(?:sh|bash|zsh|fish|ps1|psm1|bat|cmd|vbs|py|rb|pl|lua|applescript)$/i],
  ["binary", /\.(?:node|exe|dll|so|dylib|wasm|bin|o|a|jar|class|pyc|gguf|onnx|safetensors)$/i],
  ["archive", /\.(?:zip|gz|tgz|tar|bz2|xz|zst|br|7z|rar|asar)$/i],
  ["media", /\.(?:png|jpe?g|gif|webp|avif|ico|woff2?|ttf|otf|eot|mp[34]|webm|ogg|wav|pdf)$/i],
  [
    "document",
    /\.(?:md|mdx|markdown|txt|rst|adoc|html?|svg)$|(?:^|\/)(?:README|LICEN[CS]E|NOTICE|CHANGELOG|COPYING|AUTHORS)[^/]*$/i,
  ],
  [
    "data",
    /\.(?:json|json5|jsonc|map|ya?ml|toml|xml|csv|tsv|css|scss|less|sql|proto|graphql|ini|conf|env|hbs|ejs|mustache|j2|service|socket|timer)$/i,
  ],
];

/** Kinds that run, or that tools obey: a package that has none is not expected to get one. */
export const watchedKinds: ReadonlySet<FileKind> = new Set(["script", "workflow", "settings", "archive", "binary"]);

const textKinds: ReadonlySet<FileKind> = new Set([
  "code",
  "declarations",
  "source",
  "document",
  "data",
  "script",
  "workflow",
  "settings",
]);

/** Whether files of a kind are read as text. */
export function isTextKind(kind: FileKind): boolean {
  return textKinds.has(kind);
}

const codeKinds: ReadonlySet<FileKind> = new Set(["code", "source", "script", "binary"]);

/** Whether a file's name says that it runs, or, where it has no ending, its first line. */
export function isNamedAsCode({ path, kind }: { path: string; kind: FileKind }): boolean {
  const named = extname(path) === "" ? undefined : kindByPath(path);
  return codeKinds.has(named ?? kind);
}

/** Kinds that a first line with an interpreter overrules, because nothing of that kind begins with one. */
const overruled: ReadonlySet<FileKind | undefined> = new Set([undefined, "document", "data", "media"]);

/** Tells what a file is by its path, and where that says nothing, or the first line names an interpreter, by how it begins. */
export function kindOfFile({ path, bytes }: Pick<PackedFile, "path" | "bytes">): FileKind {
  const named = kindByPath(path);
  const interpreter = /^#!\s*(\S+(?:[ \t]+\S+)*)/.exec(bytes.subarray(0, 200).toString("latin1"))?.[1];
  if (interpreter !== undefined && overruled.has(named)) {
    return /\b(?:node|bun|deno)\b/.test(interpreter) ? "code" : "script";
  }
  return named ?? (isText(bytes) ? "other" : "binary");
}

function kindByPath(path: string): FileKind | undefined {
  return kindsByPath.find(([, pattern]) => pattern.test(path))?.[0];
}

/** Says what a file is that is not what its name says; undefined if it is. */
export function disguiseOf(kind: FileKind, bytes: Buffer): string | undefined {
  if (kind !== "binary" && kind !== "archive") {
    const program = programs.find(([, magic]) => bytes.subarray(0, magic.length / 2).toString("hex") === magic)?.[0];
    if (program !== undefined) return program;
  }
  return isTextKind(kind) && !isText(bytes) ? "no text in UTF-8" : undefined;
}

/** How programs and archives begin, hexadecimal. */
const programs: readonly (readonly [string, string])[] = [
  ["a Linux program", "7f454c46"],
  ["a macOS program", "cffaedfe"],
  ["a macOS program", "cafebabe"],
  ["a WebAssembly module", "0061736d"],
  ["a zip archive", "504b0304"],
  ["a gzip archive", "1f8b08"],
];

/** Whether bytes are text in UTF-8. */
export function isText(bytes: Buffer): boolean {
  if (bytes.includes(0)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
