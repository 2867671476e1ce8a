import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { findFreePort, waitForPort } from "../world/wait-for-port.ts";
import type { ContenderWorld, RunningContender, Skipped } from "./contender.ts";

const locked = join(import.meta.dirname, "portkey");
// npm's lock, under a name that no tool takes for this workspace's.
const lock = join(locked, "locked-versions.json");
const installTime = 180_000;
const errorShown = 500;

/** Portkey's gateway from npm, with the versions that a lock beside this file names. */
export async function startPortkey(world: ContenderWorld): Promise<RunningContender | Skipped> {
  const folder = join(world.options.cache, "portkey");
  const problem = isInstalled(folder) ? undefined : await install(folder, world);
  if (problem !== undefined) return { skipped: problem };
  const port = await findFreePort();
  const preload = pathToFileURL(join(import.meta.dirname, "../processes/portkey-preload.ts")).href;
  const process = world.start("module", {
    file: join(folder, "node_modules/@portkey-ai/gateway/build/start-server.js"),
    args: [`--port=${port}`, "--headless"],
    nodeArgs: [`--import=${preload}`],
    env: { PATH: globalThis.process.env["PATH"], NODE_ENV: "production" },
  });
  await waitForPort(port, "Portkey");
  const headers = {
    authorization: "Bearer none",
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": world.upstreamUrl,
  };
  const { version } = readManifest(join(folder, "node_modules/@portkey-ai/gateway"));
  return {
    destination: { url: `http://127.0.0.1:${port}/v1`, headers },
    process,
    about: `@portkey-ai/gateway ${version} with @hono/node-server ${readManifest(join(folder, "node_modules/@hono/node-server")).version}`,
  };
}

/** Whether what the lock names is there; another lock is another installation. */
function isInstalled(folder: string): boolean {
  const found = join(folder, "package-lock.json");
  const isSame = existsSync(found) && readFileSync(found, "utf8") === readFileSync(lock, "utf8");
  return isSame && existsSync(markOf(folder));
}

/** Installs it without running a script of it; gives what went wrong. */
async function install(folder: string, { options, signal }: ContenderWorld): Promise<string | undefined> {
  if (options.skipInstall) return "it is not installed, and --skip-install was given";
  mkdirSync(folder, { recursive: true });
  cpSync(join(locked, "package.json"), join(folder, "package.json"));
  cpSync(lock, join(folder, "package-lock.json"));
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  try {
    await promisify(execFile)("npm", args, { cwd: folder, timeout: installTime, signal });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return `npm could not install it: ${String(error).slice(0, errorShown)}`;
  }
}

/** npm writes it when everything is there. */
function markOf(folder: string): string {
  return join(folder, "node_modules/.package-lock.json");
}

function readManifest(folder: string): { version: string } {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
