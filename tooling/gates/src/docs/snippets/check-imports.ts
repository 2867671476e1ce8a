import type typescript from "typescript";
import type { DocumentProblem } from "../problem.ts";
import type { PackedFiles, ReadPackedFiles } from "./packed-files.ts";
import { createExportsReader, type ModuleExports, type ReadExports } from "./read-exports.ts";
import type { SnippetImport } from "./read-imports.ts";

/** What imports are compared with. */
export interface ImportSources {
  typescript: typeof typescript;
  readPacked: ReadPackedFiles;
  /** Packages of the workspace that are published, by name. */
  packages: ReadonlyMap<string, unknown>;
}

/** What looking an import up came to. */
interface ImportVerdict {
  problems: Omit<DocumentProblem, "line">[];
  unknown?: string;
  /** Whether it is of a package of the release. */
  isOwn?: boolean;
}

/** Looks up one import of a snippet. */
export type ImportChecker = (imported: SnippetImport) => Promise<ImportVerdict>;

/** Looks up what snippets import of packages of the release, in their packed bytes; packages of others are left alone. */
export function createImportChecker({ typescript, readPacked, packages }: ImportSources): ImportChecker {
  const known = new Map<string, Promise<ModuleExports>>();
  const scopes = new Set([...packages.keys()].flatMap((name) => scopeOf(name) ?? []));
  const readAll = async (): Promise<ReadonlyMap<string, PackedFiles>> => {
    const read = [...packages.keys()].map(async (name) => [name, await readPacked(name)] as const);
    return new Map((await Promise.all(read)).flatMap(([name, files]) => (files === undefined ? [] : [[name, files]])));
  };
  let reader: Promise<ReadExports> | undefined;
  const look = async (specifier: string): Promise<ModuleExports> => {
    reader ??= readAll().then((packed) => createExportsReader(typescript, packed));
    return (await reader)(specifier);
  };
  return async ({ specifier, names }) => {
    const [name = ""] = /^(?:@[^/]+\/)?[^/]+/.exec(specifier) ?? [];
    if (!packages.has(name)) return { problems: scopes.has(scopeOf(name) ?? "") ? [unknownPackage(name)] : [] };
    if ((await readPacked(name)) === undefined)
      return { problems: [], unknown: `${name} is not packed in this release` };
    const found = known.get(specifier) ?? look(specifier);
    known.set(specifier, found);
    return { ...judge(specifier, names, await found), isOwn: true };
  };
}

function judge(specifier: string, names: readonly string[], found: ModuleExports): ImportVerdict {
  if (found.kind === "missing") {
    const message = `The packed package does not export ${specifier}.`;
    return { problems: [{ rule: "import-unknown", message, fix: "Import what its `exports` name, or export it." }] };
  }
  const missing = names.filter((name) => !found.names.has(name));
  if (found.isOpen && missing.length > 0) {
    return { problems: [], unknown: `whether ${specifier} exports ${missing.join(", ")}` };
  }
  return {
    problems: missing.map((name) => ({
      rule: "import-unknown",
      message: `${specifier} exports no ${name}.`,
      fix: "Import a name that it exports, or export it.",
    })),
  };
}

function unknownPackage(name: string): Omit<DocumentProblem, "line"> {
  return {
    rule: "package-unknown",
    message: `No package of this workspace is published as ${name}.`,
    fix: "Import a package that is published.",
  };
}

function scopeOf(name: string): string | undefined {
  return /^@[^/]+\//.exec(name)?.[0];
}
