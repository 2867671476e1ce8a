import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { createFolder } from "./temporary-folder.ts";
import { type ServedRegistry, serveRegistry } from "./serve-registry.ts";

/** What the tests' own packages depend on: one for each thing that a licence or a closure can be. */
const published = [
  { name: "plain", version: "1.0.0", license: "MIT", dependencies: { leaf: "^1.0.0" } },
  { name: "leaf", version: "1.2.0", license: "ISC", author: "Lea F <lea@example.com> (https://example.com/lea)" },
  { name: "both", version: "1.0.0", license: "(MIT AND GPL-3.0-only)" },
  { name: "choice", version: "1.0.0", license: "MIT OR GPL-3.0-only", dependencies: { both: "1.0.0" } },
  { name: "@scope/peered", version: "2.0.0", license: "MIT", peerDependencies: { host: "*" } },
  { name: "host", version: "3.0.0", license: "BSD-3-Clause", dependencies: { leaf: "1.2.0" } },
  {
    name: "native",
    version: "1.0.0",
    license: "MIT",
    optionalDependencies: { "native-elsewhere": "1.0.0", "native-nowhere": "1.0.0" },
  },
  { name: "native-elsewhere", version: "1.0.0", license: "LGPL-3.0-or-later", os: ["aix"] },
  { name: "native-nowhere", version: "1.0.0", license: "MIT", os: ["sunos"] },
  { name: "real-name", version: "1.0.0", licenses: [{ type: "MIT" }, { type: "Apache-2.0" }] },
  { name: "silent", version: "1.0.0" },
  { name: "only-for-development", version: "1.0.0", license: "AGPL-3.0-only" },
];

const files: Record<string, object | string> = {
  "pnpm-workspace.yaml": "packages: [packages/*]\nminimumReleaseAge: 0\npmOnFail: ignore\n",
  "package.json": { name: "acme", version: "0.0.0", private: true },
  "packages/library/package.json": {
    name: "@acme/library",
    version: "1.0.0",
    license: "MIT",
    dependencies: { plain: "^1.0.0" },
    devDependencies: { "only-for-development": "1.0.0" },
  },
  "packages/application/package.json": {
    name: "@acme/application",
    version: "2.0.0",
    license: "UNLICENSED",
    dependencies: {
      "@acme/library": "workspace:^",
      "@scope/peered": "2.0.0",
      alias: "npm:real-name@1.0.0",
      choice: "1.0.0",
      silent: "1.0.0",
    },
    optionalDependencies: { native: "1.0.0" },
    peerDependencies: { host: "^3.0.0" },
    devDependencies: { host: "3.0.0" },
  },
};

/** A workspace that real pnpm has installed from a registry on loopback. */
export interface InstalledWorkspace extends AsyncDisposable {
  folder: string;
  registry: ServedRegistry;
}

/** Writes and installs a workspace of two packages; takes about two seconds. */
export async function installWorkspace(): Promise<InstalledWorkspace> {
  const registry = await serveRegistry(published);
  const folder = await createFolder();
  await writeFiles(folder, files);
  const stores = ["--store-dir", join(folder, ".store"), "--cache-dir", join(folder, ".cache")];
  await execa("pnpm", ["install", "--no-frozen-lockfile", "--registry", registry.url, ...stores], { cwd: folder });
  return { folder, registry, [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose]() };
}

/** Writes files, objects as JSON. */
export async function writeFiles(folder: string, contents: Record<string, object | string>): Promise<void> {
  for (const [path, content] of Object.entries(contents)) {
    const target = join(folder, path);
    // oxlint-disable-next-line no-await-in-loop -- a folder before its files
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
}
