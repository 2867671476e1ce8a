/** An npm package as a statement names it; without a version, every one. */
export interface PackageName {
  name: string;
  version?: string;
}

/** Reads a package URL of an npm package, its qualifiers aside; undefined for anything else. */
export function parsePurl(text: string): PackageName | undefined {
  const [, path, version] = /^pkg:npm\/+([^?#]+?)(?:@([^@?#/]+))?(?:\?[^#]*)?(?:#.*)?$/i.exec(text) ?? [];
  if (path === undefined) return undefined;
  try {
    const name = decodeURIComponent(path);
    if (!/^(?:@[^@/\s]+\/)?[^@/\s]+$/.test(name)) return undefined;
    return { name, ...(version === undefined ? {} : { version: decodeURIComponent(version) }) };
  } catch {
    return undefined;
  }
}
