import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { readPublishedPackages, root } from "./workspace-files.ts";

const packages = readPublishedPackages();
const env = { ...process.env, CI: "true", TURBO_TELEMETRY_DISABLED: "1", pnpm_config_verify_deps_before_run: "false" };
const run = promisify(execFile);
const packed = new Map<string, string[]>();

/** The build is turbo's, which keeps what it has built; packing writes nothing. */
beforeAll(async () => {
  await run(join(root, "node_modules/.bin/turbo"), ["run", "build", "--output-logs=errors-only"], { cwd: root, env });
  const lists = await Promise.all(packages.map(({ folder }) => listPacked(folder)));
  for (const [index, { manifest }] of packages.entries()) packed.set(manifest.name, lists[index] ?? []);
}, 300_000);

test("what is packed is what the snapshot says: a file that appears or goes is a decision", async () => {
  const text = [...packed].map(([name, files]) =>
    [name, ...withoutHashes(files).map((file) => `  ${file}`)].join("\n"),
  );
  await expect(`${text.join("\n\n")}\n`).toMatchFileSnapshot("packed-contents.txt");
});

test.each(packages.map(({ manifest }) => ({ name: manifest.name, manifest })))(
  "$name is packed with licence, README, and every file that its manifest names",
  ({ name, manifest }) => {
    const files = packed.get(name) ?? [];
    const targets = Object.values(manifest.publishConfig?.exports ?? {}).flatMap((target) =>
      typeof target === "string" ? [target] : Object.values(target),
    );
    const named = [...targets, ...Object.values(manifest.bin ?? {})].map((path) => path.replace(/^\.\//, ""));
    for (const file of ["LICENSE", "README.md", "package.json", ...named]) expect(files).toContain(file);
  },
);

test.each(packages.map(({ manifest }) => manifest.name))("%s is packed without source, tests and maps", (name) => {
  const files = packed.get(name) ?? [];
  expect(files.filter((file) => /^src\/|\.test\.|\.map$|(?<!\.d)\.ts$|tsconfig|\.log$|__/.test(file))).toEqual([]);
});

async function listPacked(folder: string): Promise<string[]> {
  const { stdout } = await run("pnpm", ["pack", "--dry-run", "--json", "--config.ignore-scripts=true"], {
    cwd: join(root, folder),
    env,
  });
  const result = JSON.parse(stdout) as { files: { path: string }[] } | { files: { path: string }[] }[];
  const { files } = Array.isArray(result) ? result[0]! : result;
  return files.map(({ path }) => path).toSorted();
}

/** Names of shared chunks hold a hash of their content. */
function withoutHashes(files: readonly string[]): string[] {
  return files.map((file) => file.replace(/-[A-Za-z0-9_-]{8}(\.d)?\.(js|ts)$/, "-<hash>$1.$2"));
}
