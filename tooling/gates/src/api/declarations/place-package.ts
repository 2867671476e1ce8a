import type { PackedPackage } from "../packed-package.ts";

/** A package's declarations and manifest in the imaginary file system. */
export function placePackage(root: string, { name, files }: Pick<PackedPackage, "name" | "files">): [string, string][] {
  return [...files].flatMap(([path, bytes]): [string, string][] => {
    if (!isDeclaration(path) && !path.endsWith("package.json")) return [];
    return [[`${root}/node_modules/${name}/${path}`, new TextDecoder().decode(bytes)]];
  });
}

/** Whether a file has declarations. */
export function isDeclaration(path: string): boolean {
  return /\.d\.([^./]+\.)?[cm]?ts$/.test(path);
}
