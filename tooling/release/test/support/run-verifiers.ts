import { readTrust, type Trust } from "@hxp/evidence";
import { verifyEvidenceFolder } from "@hxp/evidence/release";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Run, startProgram } from "./workspace.ts";

/** What a verifier said: that it is so, or what is not. */
export interface Verdict {
  readonly outcome: string;
  readonly problem?: string;
  readonly [fact: string]: unknown;
}

/** The verifier in one file, as it is published. */
export const verifierFile = join(
  dirname(createRequire(import.meta.url).resolve("@hxp/evidence/package.json")),
  "verifier/verify-release.mjs",
);

/** Has the library verify a folder. */
export function runLibrary(folder: string, trustFolder: string, change = (trust: Trust): Trust => trust): Verdict {
  try {
    const trust = change(readTrust(trustFolder));
    return { outcome: "verified", ...verifyEvidenceFolder(folder, { trust, identity: { key: "release" } }).facts };
  } catch (error) {
    const { exitCode, message } = error as { exitCode?: number; message: string };
    if (exitCode !== 15 && exitCode !== 2) throw error;
    return { outcome: "refused", problem: message };
  }
}

/** Has the verifier in one file verify a folder, in a process of its own without anything of ours in it. */
export async function runVerifierFile(folder: string, trustFolder: string, file = verifierFile): Promise<Verdict> {
  const { exitCode, stdout, text } = await runFile([folder, "--trusted-root", trustFolder, "--json"], file);
  const verdict = readVerdict(stdout, text);
  if (exitCode === ["verified", "refused", "usage"].indexOf(verdict.outcome)) return verdict;
  throw new Error(`exit code ${exitCode} for ${verdict.outcome}:\n${text}`);
}

/** Runs the verifier in one file with some arguments. */
export async function runFile(args: readonly string[], file = verifierFile): Promise<Run> {
  const env = { NODE_OPTIONS: "", NODE_PATH: "" };
  return startProgram([process.execPath, file, ...args], { cwd: "/", env }).ended;
}

function readVerdict(stdout: string, text: string): Verdict {
  try {
    return JSON.parse(stdout) as Verdict;
  } catch {
    throw new Error(`not JSON:\n${text}`);
  }
}
