import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

/** An entry to write, sound or not: nothing is checked. */
export interface RawEntry {
  path: string;
  content?: string | Buffer;
  /** Type flag, default `0`, a file. */
  type?: string;
  target?: string;
  mode?: number;
}

/** Writes a gzipped tar archive of any entries, as an attacker would. */
export function makeRawTarball(entries: readonly RawEntry[], trailer: Buffer = Buffer.alloc(1024)): Buffer {
  return gzipSync(Buffer.concat([...entries.flatMap(writeEntry), trailer]));
}

/** Writes a package's tarball; paths are those inside the package. */
export function makePackage(manifest: object, files: Record<string, string | Buffer> = {}): Buffer {
  const all = { "package.json": JSON.stringify(manifest), ...files };
  return makeRawTarball(Object.entries(all).map(([path, content]) => ({ path: `package/${path}`, content })));
}

/** A manifest that every rule of the contents gate is content with, together with {@link soundFiles}. */
export const soundManifest = {
  name: "@acme/sound",
  version: "1.0.0",
  description: "A package without fault",
  license: "MIT",
  repository: { type: "git", url: "git+https://example.com/acme/sound.git" },
  files: ["dist"],
  type: "module",
  sideEffects: false,
  exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" }, "./package.json": "./package.json" },
  engines: { node: ">=22" },
};

/** The files of {@link soundManifest}. */
export const soundFiles: Record<string, string> = {
  "README.md": "# Sound\n",
  LICENSE: "MIT License\n\nCopyright (c) 2026 Acme\n",
  "dist/index.js": "export const answer = 42;\n",
  "dist/index.d.ts": "export declare const answer: number;\n",
};

/** The integrity of bytes as a lockfile writes it. */
export function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
}

function writeEntry({ path, content = "", type = "0", target = "", mode = 0o644 }: RawEntry): Buffer[] {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(512);
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, "0")}\0`;
  header.write(path, 0, 100);
  header.write(octal(mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(bytes.length, 12), 124);
  header.write(octal(499_162_500, 12), 136);
  header.write("        ", 148);
  header.write(type, 156);
  header.write(target, 157, 100);
  header.write("ustar\u000000", 257);
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte),
      8,
    ),
    148,
  );
  return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
}
