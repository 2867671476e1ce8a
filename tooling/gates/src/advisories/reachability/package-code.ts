import { lstat, readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { type FileImports, readImports } from "./read-imports.ts";

/** A file of a package. */
export interface CodeFile {
  path: string;
  bytes: Uint8Array;
}

/** What the code of a package says about others. */
export interface PackageCode {
  files: { path: string; imports: FileImports }[];
  /** Text in which a module can be named that code loads: JSON, and scripts of another language. */
  texts: { path: string; text: string }[];
  /** Why not all of the code could be read; undefined if it could. */
  unread?: string;
}

const codeExtensions = new Set([".js", ".mjs", ".cjs", ".jsx"]);
const maximumFiles = 5_000;
const maximumBytes = 2 ** 26;
/** What a manifest says about dependencies is no use of them. */
const silentKeys =
  /^(?:(?:dev|peer|optional)?dependencies(?:meta)?|bundled?dependencies|keywords|description|devengines|overrides|pnpm|scripts)$/i;

/** Reads the code of an unpacked package, what is installed below it left out. */
export async function readPackageFolder(folder: string): Promise<PackageCode> {
  const paths = await listFiles(folder, "");
  if (paths.length > maximumFiles) return { files: [], texts: [], unread: `it has more than ${maximumFiles} files` };
  const files: CodeFile[] = [];
  let left = maximumBytes;
  for (const path of paths.filter(isOfInterest)) {
    // oxlint-disable-next-line no-await-in-loop -- the sum of sizes is limited
    left -= (await lstat(join(folder, path))).size;
    if (left < 0) return { files: [], texts: [], unread: `it has more than ${maximumBytes} bytes of code` };
    // oxlint-disable-next-line no-await-in-loop -- the sum of sizes is limited
    files.push({ path, bytes: await readFile(join(folder, path)) });
  }
  return readPackageCode(files);
}

/** Reads the code of a package's files. */
export function readPackageCode(files: readonly CodeFile[]): PackageCode {
  const code: PackageCode = { files: [], texts: [] };
  for (const { path, bytes } of files.filter((file) => isOfInterest(file.path))) {
    const text = Buffer.from(bytes).toString("utf8");
    const isScript = text.startsWith("#!");
    if (path === "package.json") code.texts.push({ path, text: readManifestText(text) });
    else if (codeExtensions.has(extname(path)) || /^#!.*\bnode\b/.test(text)) addCode(code, path, text);
    else if (extname(path) === ".json" || isScript) code.texts.push({ path, text });
  }
  return code;
}

function addCode(code: PackageCode, path: string, text: string): void {
  try {
    code.files.push({ path, imports: readImports(text) });
  } catch (error) {
    code.unread ??= `${path} cannot be parsed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function readManifestText(text: string): string {
  try {
    const manifest = JSON.parse(text) as Record<string, unknown>;
    return JSON.stringify(Object.fromEntries(Object.entries(manifest).filter(([key]) => !silentKeys.test(key))));
  } catch {
    return text;
  }
}

/** A file without an extension can be a program. */
function isOfInterest(path: string): boolean {
  const extension = extname(path);
  return codeExtensions.has(extension) || extension === ".json" || extension === ".sh" || extension === "";
}

async function listFiles(folder: string, below: string): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const found = entries.map(async (entry): Promise<string[]> => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isFile()) return [path];
    return entry.isDirectory() && entry.name !== "node_modules" ? listFiles(folder, path) : [];
  });
  return (await Promise.all(found)).flat();
}
