import { dirname, join } from "node:path";
import ts from "typescript";

/** Files of packages, by their absolute path in the imaginary file system. */
type VirtualFiles = ReadonlyMap<string, string>;

/** What {@link createProgram} takes. */
export interface ProgramOptions {
  files: VirtualFiles;
  roots: readonly string[];
  /** Absolute folder that packages are resolved from which are in no imaginary folder. */
  folder: string;
  /** Absolute folder with a `node_modules` for what the last release depended on and this one does not. */
  earlierFolder: string;
  cache: SourceCache;
}

/** Parsed files that are the same for all packages: the language's, and those of dependencies. */
export interface SourceCache {
  sources: Map<string, ts.SourceFile | undefined>;
  exists: Map<string, boolean>;
}

/** An empty cache. */
export function createSourceCache(): SourceCache {
  return { sources: new Map(), exists: new Map() };
}

/** Folder of the imaginary file system under which packages lie that both sides see. */
export const sharedFolder = "/shared";

/** What a consumer on the newest Node compiles with; declarations are checked, so that what does not resolve is known. */
const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  noEmit: true,
  types: [],
  skipLibCheck: false,
};

/** Makes a program of imaginary packages whose dependencies are real. */
export function createProgram({ files, roots, folder, earlierFolder, cache }: ProgramOptions): ts.Program {
  const host = createHost(files, cache);
  const resolve = createResolver(host, { folder, earlierFolder });
  const types = ts.resolveTypeReferenceDirective("node", join(folder, "index.d.ts"), options, host);
  const node = types.resolvedTypeReferenceDirective?.resolvedFileName;
  return ts.createProgram({
    rootNames: node === undefined ? roots : [...roots, node],
    options,
    host: { ...host, ...resolve },
  });
}

function createHost(files: VirtualFiles, cache: SourceCache): ts.CompilerHost {
  const real = ts.createCompilerHost(options);
  const folders = new Set([...files.keys()].flatMap(parentsOf));
  const host: ts.CompilerHost = {
    ...real,
    fileExists: (path) => files.has(path) || remember(cache.exists, path, () => real.fileExists(path)),
    readFile: (path) => files.get(path) ?? real.readFile(path),
    directoryExists: (path) => folders.has(path.replace(/(?<=.)\/$/, "")) || real.directoryExists?.(path) === true,
    realpath: (path) => (files.has(path) || folders.has(path) ? path : (real.realpath?.(path) ?? path)),
    getCurrentDirectory: () => "/",
    getSourceFile: (path, version) => {
      const text = files.get(path);
      if (text !== undefined) return ts.createSourceFile(path, text, version, true);
      return remember(cache.sources, path, () => real.getSourceFile(path, version));
    },
  };
  return host;
}

/** Resolves as Node does, and what is not found from an imaginary file, from the shared and the real folder. */
function createResolver(
  host: ts.CompilerHost,
  { folder, earlierFolder }: Pick<ProgramOptions, "folder" | "earlierFolder">,
): Pick<ts.CompilerHost, "resolveModuleNameLiterals" | "resolveTypeReferenceDirectiveReferences"> {
  const cache = ts.createModuleResolutionCache("/", (path) => path, options);
  const places = [sharedFolder, folder].map((place) => join(place, "index.d.ts"));
  const earlier = [...places, join(earlierFolder, "index.d.ts")];
  const origins = (file: string): string[] => {
    if (!isImaginary(file)) return [file];
    return [file, ...(file.startsWith("/before/") ? earlier : places)];
  };
  return {
    // oxlint-disable-next-line max-params -- the compiler calls it
    resolveModuleNameLiterals: (literals, file, redirect, compilerOptions, source) =>
      literals.map((literal) => {
        const mode = ts.getModeForUsageLocation(source, literal, compilerOptions);
        const find = (origin: string): ts.ResolvedModuleWithFailedLookupLocations =>
          ts.resolveModuleName(literal.text, origin, compilerOptions, host, cache, redirect, mode);
        return asItself(findFrom(origins(file), find, ({ resolvedModule }) => resolvedModule !== undefined));
      }),
    // oxlint-disable-next-line max-params -- the compiler calls it
    resolveTypeReferenceDirectiveReferences: (references, file, redirect, compilerOptions) =>
      references.map((reference) => {
        const name = typeof reference === "string" ? reference : reference.fileName;
        const find = (origin: string): ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations =>
          ts.resolveTypeReferenceDirective(name, origin, compilerOptions, host, redirect);
        return findFrom(origins(file), find, (found) => found.resolvedTypeReferenceDirective !== undefined);
      }),
  };
}

/** Without the package's name and version: of two files of one package in one version, the compiler reads only the first. */
function asItself(found: ts.ResolvedModuleWithFailedLookupLocations): ts.ResolvedModuleWithFailedLookupLocations {
  if (found.resolvedModule === undefined || !isImaginary(found.resolvedModule.resolvedFileName)) return found;
  const { packageId: _packageId, ...resolvedModule } = found.resolvedModule;
  return { ...found, resolvedModule };
}

function isImaginary(file: string): boolean {
  return ["/before/", "/after/", `${sharedFolder}/`].some((prefix) => file.startsWith(prefix));
}

/** What is found from the first origin that has it; what the last one says where none has. */
function findFrom<T>(origins: readonly string[], find: (origin: string) => T, isFound: (found: T) => boolean): T {
  const [origin = "", ...others] = origins;
  const found = find(origin);
  return others.length === 0 || isFound(found) ? found : findFrom(others, find, isFound);
}

function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...parentsOf(parent)];
}

function remember<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key);
  if (known !== undefined || cache.has(key)) return known as T;
  const made = make();
  cache.set(key, made);
  return made;
}
