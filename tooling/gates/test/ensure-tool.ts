import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/** Where the release keeps its tools, too. */
const toolchain = join(homedir(), ".cache/hxp-release/toolchain");

/** The folder of the `node` of an exact version from the npm registry; installed once on this machine. */
export async function ensureTestNode(version: string): Promise<string> {
  return join(await ensurePackage(`node-${process.platform}-${process.arch}`, version), "bin");
}

/** The `npm-cli.js` of an exact version; installed once on this machine. */
export async function ensureTestNpm(version: string): Promise<string> {
  return join(await ensurePackage("npm", version), "bin/npm-cli.js");
}

async function ensurePackage(name: string, version: string): Promise<string> {
  const folder = join(toolchain, `${name}-${version}`);
  const installed = join(folder, "node_modules/tool");
  if (existsSync(join(folder, "installed"))) return installed;
  await mkdir(toolchain, { recursive: true });
  const unfinished = await mkdtemp(`${folder}.`);
  await writeFile(join(unfinished, "package.json"), JSON.stringify({ private: true }));
  await writeFile(join(unfinished, "pnpm-workspace.yaml"), "minimumReleaseAge: 0\npmOnFail: ignore\n");
  await execa("pnpm", ["add", "--save-exact", "--ignore-scripts", `tool@npm:${name}@${version}`], { cwd: unfinished });
  await writeFile(join(unfinished, "installed"), "");
  try {
    await rename(unfinished, folder);
  } catch (error) {
    // Another test was faster.
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(join(folder, "installed"))) throw error;
  }
  return installed;
}
