import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { HxpError } from "@hxp/errors";
import { z } from "zod";
import { runCommand } from "../workspace/run-command.ts";
import { type ReleaseConfig, releaseConfigSchema } from "./release-config.ts";

const fileNames = ["release.config.ts", "release.config.mts", "release.config.js", "release.config.mjs"];

/**
 * Reads `release.config.{ts,mts,js,mjs}` of a workspace; without one, the defaults. The file is project code, so it is
 * evaluated in a child process that holds no credential and hands back plain data.
 *
 * @param env environment of that process
 */
export async function loadReleaseConfig(workspace: string, env: NodeJS.ProcessEnv): Promise<ReleaseConfig> {
  const file = fileNames.map((name) => join(workspace, name)).find((path) => existsSync(path));
  const written: unknown = file === undefined ? {} : await evaluate(file, env);
  const parsed = releaseConfigSchema.safeParse(written);
  if (!parsed.success) {
    throw new HxpError(
      "RELEASE_CONFIG_INVALID",
      `${file ?? workspace} is not valid:\n${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data;
}

async function evaluate(file: string, env: NodeJS.ProcessEnv): Promise<unknown> {
  const output = await runCommand(
    [
      process.execPath,
      "--conditions=@hxp/source",
      "--no-warnings",
      "--input-type=module",
      "--eval",
      renderScript(file),
    ],
    { cwd: workspaceOf(file), env, timeoutMs: 30_000 },
  ).catch((error: unknown) => {
    throw new HxpError("RELEASE_CONFIG_INVALID", `${file} could not be read`, { cause: error });
  });
  try {
    return JSON.parse(output.slice(output.lastIndexOf("\n") + 1));
  } catch (error) {
    throw new HxpError("RELEASE_CONFIG_INVALID", `${file} writes to standard output when it ends`, { cause: error });
  }
}

/** JSON would leave functions out and turn dates into text without a word, so what is not plain data is an error. */
function renderScript(file: string): string {
  return `const { default: config } = await import(${JSON.stringify(pathToFileURL(file).href)});
const isPlain = (value) =>
  value === null || ["undefined", "string", "boolean"].includes(typeof value) || Number.isFinite(value) ||
  Array.isArray(value) || (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value)));
const json = JSON.stringify(config ?? null, function (key) {
  if (isPlain(this[key])) return this[key];
  throw new TypeError((key === "" ? "the configuration" : key) + " is not plain data");
});
process.stdout.write("\\n" + json);`;
}

function workspaceOf(file: string): string {
  return join(file, "..");
}
