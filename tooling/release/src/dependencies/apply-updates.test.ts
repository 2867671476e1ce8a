import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { applyUpdates } from "./apply-updates.ts";
import type { Update } from "./assess-update.ts";

const manifest = `{
  "name": "a", "version": "1.0.0",
  "files": ["dist"],
  "dependencies": { "b": "^1.0.0", "c": "~1.0.0" },
  "peerDependencies": { "b": "^1.0.0" }
}
`;

/** Packages of the workspace stand in for third parties: nothing is asked of a registry. */
function makeWorkspace(): string {
  const folder = temporaryFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write(
    "pnpm-workspace.yaml",
    "packages: [a, b, c]\nlinkWorkspacePackages: true\npreferWorkspacePackages: true\npmOnFail: ignore\n",
  );
  write("package.json", '{ "name": "root", "private": true }');
  write("a/package.json", manifest);
  write("b/package.json", '{ "name": "b", "version": "2.1.0" }');
  write("c/package.json", '{ "name": "c", "version": "1.0.9" }');
  return folder;
}

test("ranges move with their operator, peers are widened and never narrowed, and the rest of the manifest stays", async () => {
  const folder = makeWorkspace();
  const update = (name: string, latest: string) => ({ name, latest, dependents: ["a"] }) as Update;
  const updates = [update("b", "2.1.0"), update("c", "1.0.9")];
  const { widened } = await applyUpdates(folder, updates, { env: process.env });
  expect(readFileSync(join(folder, "a/package.json"), "utf8")).toBe(
    manifest
      .replace('"dependencies": { "b": "^1.0.0"', '"dependencies": { "b": "^2.1.0"')
      .replace('"peerDependencies": { "b": "^1.0.0"', '"peerDependencies": { "b": "^1.0.0 || ^2.1.0"'),
  );
  expect(widened).toEqual(["a"]);
});
