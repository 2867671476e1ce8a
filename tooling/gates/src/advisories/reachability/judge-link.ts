import type { PackageCode } from "./package-code.ts";

/** Whether something is used, and how that is known. */
export interface Use {
  reachable: "yes" | "no" | "unknown";
  why: string;
}

/** A dependency as a package sees it. */
export interface LinkTarget {
  /** Name that it is imported by. */
  alias: string;
  /** Whether it brings a program, which can be started without an import. */
  hasProgram: boolean;
  /** Exports that are vulnerable; empty where nobody has named them. */
  symbols: readonly string[];
}

/**
 * Whether code of a package (`from`, for the reason) imports a dependency. `no` only where nothing in it can: no import
 * of the name, no text with it, nothing computed, all of the code read.
 */
export function judgeLink(from: string, code: PackageCode | undefined, target: LinkTarget): Use {
  const { alias, hasProgram, symbols } = target;
  if (code === undefined) return { reachable: "unknown", why: `the code of ${from} is not here` };
  const importing = code.files.filter(({ imports }) => imports.uses.some(({ specifier }) => isOf(specifier, alias)));
  const [first] = importing;
  if (first !== undefined) {
    const path = `${from}/${first.path}`;
    return symbols.length === 0
      ? { reachable: "yes", why: `${path} imports ${alias}` }
      : judgeSymbols(from, importing, target);
  }
  const doubt = findDoubt(code, alias) ?? (hasProgram ? `${alias} brings a program, which can be started` : undefined);
  if (doubt !== undefined) return { reachable: "unknown", why: `in ${from}, ${doubt}` };
  return { reachable: "no", why: `nothing in ${from} imports ${alias}` };
}

function isOf(specifier: string, alias: string): boolean {
  return specifier === alias || specifier.startsWith(`${alias}/`);
}

/** Other exports may call the vulnerable one, so that the absence of its name proves nothing. */
function judgeSymbols(from: string, importing: PackageCode["files"], { alias, symbols }: LinkTarget): Use {
  for (const { path, imports } of importing) {
    const uses = imports.uses.filter(({ specifier }) => isOf(specifier, alias));
    const isWhole = uses.some(({ names }) => names.includes("*"));
    const used = symbols.find(
      (symbol) =>
        uses.some(({ names, specifier }) => names.includes(symbol) || specifier.startsWith(`${alias}/${symbol}`)) ||
        (isWhole && (imports.identifiers.has(symbol) || imports.texts.has(symbol))),
    );
    if (used !== undefined) return { reachable: "yes", why: `${from}/${path} uses ${used} of ${alias}` };
  }
  const path = importing[0]?.path ?? "";
  const why = `${from}/${path} imports ${alias}, but nothing there names ${symbols.join(", ")}; what it imports may call it`;
  return { reachable: "unknown", why };
}

function findDoubt({ files, texts, unread }: PackageCode, alias: string): string | undefined {
  if (unread !== undefined) return unread;
  const opaque = files.find(({ imports }) => imports.opaque !== undefined);
  if (opaque !== undefined) return `${opaque.path} has ${opaque.imports.opaque ?? ""}`;
  const named = files.find(({ imports }) => [...imports.texts].some((text) => text.includes(alias)));
  const written = named ?? texts.find(({ text }) => text.includes(alias));
  return written === undefined ? undefined : `${written.path} has the text ${JSON.stringify(alias)}`;
}
