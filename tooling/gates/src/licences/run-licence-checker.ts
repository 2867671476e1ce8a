import { createRequire } from "node:module";
import { HxpError } from "@hxp/errors";
import { execa } from "execa";
import { z } from "zod";

/** What license-checker says about one installed package. */
export interface CheckerOpinion {
  /** `name@version`. */
  id: string;
  name: string;
  /** What it found, one or several; a `*` at the end marks a guess from a text. */
  licences: string[];
}

const reportSchema = z.record(
  z.string(),
  z.looseObject({ licenses: z.union([z.string(), z.array(z.string())]), path: z.string() }),
);

/** Milliseconds; a closure of 1,000 packages takes about 3 seconds. */
const timeout = 120_000;

/**
 * Runs license-checker on a project that npm installed and returns its opinion of every package but the project itself.
 * Throws LICENCE_CHECKER_FAILED when it ends with an error or sees nothing.
 */
export async function runLicenceChecker(projectFolder: string, signal?: AbortSignal): Promise<CheckerOpinion[]> {
  // A process of its own: as a library it ends the process that calls it when a package displeases it.
  const require = createRequire(import.meta.url);
  const bin = require.resolve("license-checker/bin/license-checker");
  const result = await execa(process.execPath, [bin, "--json", "--production", "--start", projectFolder], {
    reject: false,
    // It is somebody else's code in the process tree of a publisher, and needs no variable of it.
    env: {},
    extendEnv: false,
    timeout,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  if (result.failed) {
    throw new HxpError("LICENCE_CHECKER_FAILED", `license-checker failed in ${projectFolder}: ${result.stderr}`);
  }
  const opinions = Object.entries(parseReport(result.stdout))
    .filter(([, { path }]) => path !== projectFolder)
    .map(([id, { licenses }]) => ({ id, name: id.slice(0, id.indexOf("@", 1)), licences: [licenses].flat() }));
  if (opinions.length > 0) return opinions;
  throw new HxpError("LICENCE_CHECKER_FAILED", `license-checker sees no package in ${projectFolder}.`);
}

function parseReport(text: string): z.output<typeof reportSchema> {
  try {
    return reportSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new HxpError("LICENCE_CHECKER_FAILED", "license-checker printed something that is not its report.", {
      cause,
    });
  }
}
