import { readPackageTarball, type PackedFile } from "../archive/read-package-tarball.ts";

/** One way in which two tarballs of the same package differ. */
export interface TarballDifference {
  /** File inside the package, or `tarball` for the archive itself. */
  where: string;
  message: string;
}

/** How many bytes are shown before and after the first one that differs. */
const context = 8;

/** Compares two tarballs byte by byte and, where they differ, file by file. Equal bytes give an empty list. */
export function compareTarballs(first: Uint8Array, second: Uint8Array): TarballDifference[] {
  if (Buffer.compare(first, second) === 0) return [];
  const [left, right] = [byPath(first), byPath(second)];
  const paths = [...new Set([...left.keys(), ...right.keys()])].toSorted();
  const differences = paths.flatMap((path) => compareFile(path, left.get(path), right.get(path)));
  if (differences.length > 0) return differences;
  const isReordered = [...left.keys()].join("\n") !== [...right.keys()].join("\n");
  const cause = isReordered ? "their files are in another order" : "their files are the same";
  return [{ where: "tarball", message: `The archives differ, though ${cause}. ${describeBytes(first, second)}` }];
}

function byPath(tarball: Uint8Array): Map<string, PackedFile> {
  return new Map(readPackageTarball(tarball).files.map((file) => [file.path, file]));
}

function compareFile(path: string, first?: PackedFile, second?: PackedFile): TarballDifference[] {
  if (second === undefined) return [{ where: path, message: `Only the first build has ${path}.` }];
  if (first === undefined) return [{ where: path, message: `Only the second build has ${path}.` }];
  if (Buffer.compare(first.bytes, second.bytes) !== 0) {
    return [{ where: path, message: `${path} differs. ${describeBytes(first.bytes, second.bytes)}` }];
  }
  if (first.mode === second.mode) return [];
  const modes = `${first.mode.toString(8)} in the first build and ${second.mode.toString(8)} in the second`;
  return [{ where: path, message: `${path} has mode ${modes}.` }];
}

/** Names the first differing byte, counted from 0, and shows both sides around it. */
function describeBytes(first: Uint8Array, second: Uint8Array): string {
  const shorter = Math.min(first.length, second.length);
  let offset = 0;
  while (offset < shorter && first[offset] === second[offset]) offset += 1;
  const sizes = first.length === second.length ? "" : ` Sizes: ${first.length} and ${second.length} bytes.`;
  return `First difference at byte ${offset}: ${show(first, offset)} against ${show(second, offset)}.${sizes}`;
}

function show(bytes: Uint8Array, offset: number): string {
  const around = Buffer.from(bytes.subarray(Math.max(0, offset - context), offset + context));
  if (around.length === 0) return "nothing";
  // Two characters a byte: each column of the text stands for one column of the hexadecimal digits.
  const text = around.toString("latin1").replace(/[^\u0020-\u007e]/g, ".");
  return `${around.toString("hex")} (${JSON.stringify(text)})`;
}
