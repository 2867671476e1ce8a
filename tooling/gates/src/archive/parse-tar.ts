import { HxpError } from "@hxp/errors";

const blockSize = 512;

/** One entry of a tar archive, as its header and extended header state it. */
export interface TarEntry {
  kind: "file" | "folder" | "link" | "special";
  path: string;
  /** Type flag of the header, one character. */
  type: string;
  /** Where a link points. */
  target: string;
  mode: number;
  bytes: Buffer;
}

/** Something in the archive's structure that readers treat differently. */
export interface TarProblem {
  where: string;
  message: string;
}

interface Header extends Omit<TarEntry, "bytes" | "kind"> {
  size: number;
}

const kinds: Readonly<Record<string, TarEntry["kind"]>> = { "0": "file", "5": "folder", "1": "link", "2": "link" };

/**
 * Parses a tar archive: ustar headers, and extended headers that change a path and nothing else.
 * Throws TARBALL_INVALID where the bytes stop being an archive.
 */
export function parseTar(tar: Buffer): { entries: TarEntry[]; problems: TarProblem[] } {
  const entries: TarEntry[] = [];
  const problems: TarProblem[] = [];
  let extended = new Map<string, string>();
  let offset = 0;
  while (offset < tar.length) {
    if (isZero(tar, offset)) break;
    const header = readHeader(tar, offset);
    const start = offset + blockSize;
    const end = start + header.size;
    if (end > tar.length) throw invalid(`${header.path} is cut off: ${end - tar.length} bytes are missing`);
    const bytes = tar.subarray(start, end);
    offset = start + Math.ceil(header.size / blockSize) * blockSize;
    if (header.type === "x") {
      extended = readExtendedHeader(bytes);
      problems.push(...unsupportedKeys(extended, header.path));
      continue;
    }
    entries.push(toEntry({ ...header, path: extended.get("path") ?? header.path }, bytes));
    extended = new Map();
  }
  return { entries, problems: [...problems, ...endProblems(tar, offset)] };
}

function toEntry({ path, type, target, mode }: Header, bytes: Buffer): TarEntry {
  return { kind: kinds[type] ?? "special", path, type, target, mode, bytes };
}

function readHeader(tar: Buffer, offset: number): Header {
  const block = tar.subarray(offset, offset + blockSize);
  if (block.length < blockSize) throw invalid(`the header at byte ${offset} is cut off`);
  if (readOctal(block, 148, 8) !== checksum(block)) throw invalid(`the header at byte ${offset} has a wrong checksum`);
  const name = readText(block, 0, 100);
  const prefix = readText(block, 257, 5) === "ustar" ? readText(block, 345, 155) : "";
  const flag = block[156] ?? 0;
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    type: flag === 0 ? "0" : String.fromCharCode(flag),
    target: readText(block, 157, 100),
    mode: readOctal(block, 100, 8),
    size: readOctal(block, 124, 12),
  };
}

/** Sum of a header's bytes with the checksum field itself counted as spaces. */
function checksum(block: Buffer): number {
  return block.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 32 : byte), 0);
}

function readText(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return decode(end === -1 ? field : field.subarray(0, end));
}

/** Octal digits only: the base-256 form of GNU tar is for files above 8 GiB, and a way to differ. */
function readOctal(block: Buffer, start: number, length: number): number {
  const text = readText(block, start, length).trim();
  if (!/^[0-7]*$/.test(text)) throw invalid(`a header has ${JSON.stringify(text)} where an octal number belongs`);
  return text === "" ? 0 : Number.parseInt(text, 8);
}

/** Parses `<length> <key>=<value>\n` records (POSIX.1-2001, pax). */
function readExtendedHeader(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  let offset = 0;
  while (offset < bytes.length) {
    const space = bytes.indexOf(32, offset);
    const length = Number(decode(bytes.subarray(offset, space)));
    const record = decode(bytes.subarray(space + 1, offset + length - 1));
    const equals = record.indexOf("=");
    const isWhole = bytes[offset + length - 1] === 10;
    if (space === -1 || !isWhole || equals < 1) throw invalid("an extended header is malformed");
    records.set(record.slice(0, equals), record.slice(equals + 1));
    offset += length;
  }
  return records;
}

/** A `size` or `linkpath` in an extended header is what one reader obeys and the next ignores. */
function unsupportedKeys(extended: Map<string, string>, where: string): TarProblem[] {
  const harmless = new Set(["path", "mtime", "atime", "ctime", "comment"]);
  return [...extended.keys()]
    .filter((key) => !harmless.has(key))
    .map((key) => ({
      where,
      message: `An extended header sets ${JSON.stringify(key)}, which readers treat differently.`,
    }));
}

/** After the two zero blocks that end an archive, some readers go on and some stop. */
function endProblems(tar: Buffer, offset: number): TarProblem[] {
  const where = "tarball";
  if (offset >= tar.length) return [{ where, message: "The archive has no end mark; it may have been cut off." }];
  const rest = tar.subarray(offset);
  if (rest.some((byte) => byte !== 0)) return [{ where, message: "Data follows the end mark of the archive." }];
  return [];
}

function isZero(tar: Buffer, offset: number): boolean {
  return tar.subarray(offset, offset + blockSize).every((byte) => byte === 0);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid("a name is not UTF-8");
  }
}

function invalid(message: string): HxpError {
  return new HxpError("TARBALL_INVALID", `The tarball is not a tar archive: ${message}.`);
}
