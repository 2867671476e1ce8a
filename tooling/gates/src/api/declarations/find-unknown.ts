import ts from "typescript";
import { compareText } from "../../text/compare-text.ts";
import { entryFile, resolveTarget, targetOf } from "../manifest/list-subpaths.ts";
import type { PackedPackage } from "../packed-package.ts";
import { listEntries } from "./consumer-modules.ts";
import { isDeclaration } from "./place-package.ts";
import { clip } from "./type-walk.ts";

/** Something of which nothing is known. */
export interface Unknown {
  where: string;
  message: string;
}

/** Diagnostics that say that a name, module or member was not found: types that depend on it are unknown. */
const unresolvedCodes = new Set([2304, 2305, 2306, 2307, 2318, 2503, 2552, 2580, 2591, 2614, 2688, 2694, 2724, 7016]);

/** Names and modules in a package's declarations that the compiler did not find, in either version. */
export function findUnresolved(program: ts.Program, name: string): Unknown[] {
  const folders = ["/before", "/after"].map((root) => `${root}/node_modules/${name}/`);
  const own = program.getSourceFiles().filter(({ fileName }) => folders.some((folder) => fileName.startsWith(folder)));
  const found = own.flatMap((source) => [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source).filter(({ code }) => unresolvedCodes.has(code)),
  ]);
  const unknown = found.map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    const [, side = "", path = ""] = /^\/(before|after)\/node_modules\/(.*)$/.exec(file?.fileName ?? "") ?? [];
    const release = side === "before" ? "of the last release" : "of this release";
    const text = ts.flattenDiagnosticMessageText(messageText, " ");
    return { where: `${path}:${line}`, message: clip(`${path}:${line} ${release}: ${text}`) };
  });
  const byMessage = new Map(unknown.map((entry) => [entry.message, entry]));
  return [...byMessage.values()].toSorted((a, b) => compareText(a.message, b.message));
}

/** Entries whose code has no declarations; `release` says of which release they are. */
export function findUndeclared(
  item: PackedPackage,
  modules: ReadonlyMap<string, ts.Symbol>,
  release: "this" | "the last",
): Unknown[] {
  const undeclared = listEntries(item).filter((subpath) => {
    const file = entryFile(item, subpath);
    return !modules.has(subpath) && file !== undefined && isCode(file);
  });
  return undeclared.map((subpath) => {
    const specifier = `${item.name}${subpath.slice(1)}`;
    const message = `${specifier} of ${release} release has no declarations that can be found, so what it exports is not compared.`;
    return { where: subpath, message };
  });
}

/** Whether declarations of all code of a package are seen without the compiler: its entries name them, or they lie beside. */
export function isDeclared(item: PackedPackage): boolean {
  const { manifest, files } = item;
  return listEntries(item).every((subpath) => {
    const file = entryFile(item, subpath);
    if (file === undefined || !isCode(file)) return true;
    const named = resolveTarget(targetOf(item, subpath), new Set(["types", "node", "import"]));
    const main = manifest["exports"] === undefined ? (manifest.types ?? manifest.typings) : undefined;
    return [named, main, file.replace(/\.([cm]?)js$/, ".d.$1ts")].some(
      (path) => path !== undefined && isDeclaration(path) && files.has(path.replace(/^\.\//, "")),
    );
  });
}

/** Whether two packages have the same code, byte by byte. */
export function haveSameCode(one: PackedPackage, other: PackedPackage): boolean {
  const [code, others] = [one, other].map(({ files }) => [...files].filter(([path]) => isCode(path)));
  return (
    code?.length === others?.length && code?.every(([path, bytes]) => other.files.get(path)?.equals(bytes)) === true
  );
}

function isCode(path: string): boolean {
  return /\.[cm]?js$/.test(path);
}
