import { extname } from "node:path";

/** What a consumer of a package can name: its exports, and its bins. */
export interface ConsumerSurface {
  name: string;
  /** Import specifiers that run on Node. */
  imports: string[];
  /** Import specifiers that have types. */
  types: string[];
  bins: string[];
}

/** Reads from a packed manifest what consumers can import, run and type-check. */
export function readConsumerSurface(manifest: Record<string, unknown>): ConsumerSurface {
  const name = String(manifest["name"]);
  const entries = readExports(manifest);
  const toSpecifier = (subpath: string): string => (subpath === "." ? name : `${name}${subpath.slice(1)}`);
  const concrete = entries.filter(([subpath, target]) => !/\*|\/$/.test(subpath) && target !== null);
  return {
    name,
    imports: concrete.filter(([, target]) => isCode(target)).map(([subpath]) => toSpecifier(subpath)),
    types: concrete
      .filter(([subpath, target]) => hasTypes(target) || (subpath === "." && namesTypes(manifest)))
      .map(([subpath]) => toSpecifier(subpath)),
    bins: readBins(name, manifest["bin"]),
  };
}

/** Node takes a `main` without an extension; a native addon cannot be imported, only required. */
function isCode(target: unknown): boolean {
  const leaf = leafOf(target) ?? "";
  return leaf !== "" && /^$|^\.(?:[cm]?js|json)$/.test(extname(leaf));
}

/** The module that imports every export and says, as JSON on its last line, which failed. */
export function renderImportCheck(surfaces: readonly ConsumerSurface[]): string {
  const specifiers = surfaces.flatMap((surface) => surface.imports);
  return `const failures = [];
for (const specifier of ${JSON.stringify(specifiers)}) {
  const options = specifier.endsWith(".json") ? { with: { type: "json" } } : {};
  try { await import(specifier, options); }
  catch (error) { failures.push({ specifier, message: String(error?.stack ?? error).slice(0, 2000) }); }
}
console.log("\\n" + JSON.stringify(failures));
process.exit(0);
`;
}

/** A TypeScript module that uses every types entry. */
export function renderTypeCheck(surfaces: readonly ConsumerSurface[]): string {
  const specifiers = surfaces.flatMap((surface) => surface.types);
  const lines = specifiers.map((specifier, index) => [
    `import * as entry${index} from ${JSON.stringify(specifier)};`,
    `export type Names${index} = keyof typeof entry${index};`,
  ]);
  return `${lines.flat().join("\n")}\nexport {};\n`;
}

function readExports(manifest: Record<string, unknown>): [string, unknown][] {
  const map = manifest["exports"];
  if (map === undefined)
    return "main" in manifest || "module" in manifest ? [[".", manifest["main"] ?? manifest["module"]]] : [];
  if (typeof map !== "object" || map === null || Array.isArray(map)) return [[".", map]];
  const entries = Object.entries(map);
  return entries.some(([key]) => key.startsWith(".")) ? entries : [[".", map]];
}

/** The file that Node would load: the last condition's, however deep. */
function leafOf(target: unknown): string | undefined {
  if (typeof target === "string") return target;
  if (Array.isArray(target)) return leafOf(target[0]);
  if (typeof target !== "object" || target === null) return undefined;
  const conditions = Object.entries(target).filter(([condition]) => condition !== "types");
  return leafOf(conditions.at(-1)?.[1]);
}

function hasTypes(target: unknown): boolean {
  if (typeof target !== "object" || target === null) return false;
  return Object.entries(target).some(
    ([key, value]) => key === "types" || (typeof value === "object" && hasTypes(value)),
  );
}

/** The manifest's own entry, from before there were exports. */
function namesTypes(manifest: Record<string, unknown>): boolean {
  return typeof (manifest["types"] ?? manifest["typings"]) === "string";
}

function readBins(name: string, bin: unknown): string[] {
  if (typeof bin === "string") return [name.replace(/^@[^/]+\//, "")];
  return typeof bin === "object" && bin !== null ? Object.keys(bin) : [];
}
