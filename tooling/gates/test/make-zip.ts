import { crc32, deflateRawSync } from "node:zlib";

/** An entry to write, sound or not: nothing is checked. */
export interface ZipEntry {
  path: string;
  content: string | Buffer;
  /** Default 8, deflate. */
  method?: number;
  /** Default 0; bit 0 says that it is encrypted. */
  flags?: number;
  /** Instead of the true checksum. */
  checksum?: number;
  /** Instead of the true unpacked size. */
  size?: number;
}

/** Writes a zip archive of any entries, as an attacker would; with more than 65,535 it is a ZIP64. */
export function makeZip(entries: Iterable<ZipEntry>): Buffer {
  const [parts, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const entry of entries) {
    const { local, central } = writeEntry(entry, offset);
    parts.push(local);
    directory.push(central);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  return Buffer.concat([...parts, index, endOf({ count: directory.length, size: index.length, offset })]);
}

function writeEntry(entry: ZipEntry, offset: number): { local: Buffer; central: Buffer } {
  const { path, method = 8, flags = 0 } = entry;
  const bytes = Buffer.from(entry.content);
  const packed = method === 0 ? bytes : deflateRawSync(bytes);
  const name = Buffer.from(path);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(flags, 2);
  common.writeUInt16LE(method, 4);
  common.writeUInt32LE(entry.checksum ?? crc32(bytes), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(entry.size ?? bytes.length, 18);
  common.writeUInt16LE(name.length, 22);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(offset, 10);
  return {
    local: Buffer.concat([Buffer.from("PK\u0003\u0004"), common, name, packed]),
    central: Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\0"), common, tail, name]),
  };
}

function endOf({ count, size, offset }: { count: number; size: number; offset: number }): Buffer {
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006");
  const isLarge = count > 0xffff;
  end.writeUInt16LE(isLarge ? 0xffff : count, 8);
  end.writeUInt16LE(isLarge ? 0xffff : count, 10);
  end.writeUInt32LE(isLarge ? 0xffffffff : size, 12);
  end.writeUInt32LE(isLarge ? 0xffffffff : offset, 16);
  if (!isLarge) return end;
  const large = Buffer.alloc(56);
  large.write("PK\u0006\u0006");
  large.writeBigUInt64LE(44n, 4);
  large.writeUInt16LE(45, 12);
  large.writeUInt16LE(45, 14);
  large.writeBigUInt64LE(BigInt(count), 24);
  large.writeBigUInt64LE(BigInt(count), 32);
  large.writeBigUInt64LE(BigInt(size), 40);
  large.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.write("PK\u0006\u0007");
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([large, locator, end]);
}
