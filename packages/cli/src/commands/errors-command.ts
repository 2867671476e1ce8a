import { type ErrorCode, errorTable, HxpError } from "@hxp/errors";
import type { Command } from "commander";
import { addCommand, type CommonFlags, printResult } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { renderTable } from "../output/render-table.ts";

/** What answers call OpenAI's way, in capitals. */
const openAiCodes: ReadonlyMap<string, ErrorCode> = new Map([
  ["INVALID_API_KEY", "API_KEY_INVALID"],
  ["INVALID_REQUEST", "REQUEST_INVALID"],
  ["NOT_FOUND", "ROUTE_NOT_FOUND"],
  ["UNSUPPORTED_ENDPOINT", "ENDPOINT_UNSUPPORTED"],
  ["INSUFFICIENT_QUOTA", "BUDGET_EXCEEDED"],
  ["CONTEXT_LENGTH_EXCEEDED", "ENGINE_CONTEXT_EXCEEDED"],
]);

/** `hxp errors`: what a code means and what to do. */
export function addErrorsCommand(program: Command, world: CliWorld): void {
  addCommand(program, {
    words: "errors [code]",
    description: "say what an error code means and what to do about it",
    examples: ["hxp errors", "hxp errors PLATFORM_RUNNING"],
  }).action((code: string | undefined, flags: CommonFlags) => {
    const output = code === undefined ? listErrors() : describeError(code);
    printResult(world, flags, output);
  });
}

function listErrors(): { result: object; text: string } {
  const rows = Object.entries(errorTable).map(([code, { meaning }]) => [code, meaning]);
  return { result: errorTable, text: renderTable(["Code", "Meaning"], rows) };
}

function describeError(text: string): { result: object; text: string } {
  const word = text.trim().toUpperCase().replaceAll("-", "_");
  const code = openAiCodes.get(word) ?? word;
  if (!isErrorCode(code)) throw unknownCode(code);
  const { meaning, fix, retryable, exitCode, ...entry } = errorTable[code];
  const status = "status" in entry ? `HTTP status ${entry.status} · ` : "";
  const facts = `${status}exit code ${exitCode} · ${retryable ? "the same call can succeed later" : "the same call fails again"}`;
  return { result: { code, ...errorTable[code] }, text: `${code}\n\n${meaning}\n→ ${fix}\n\n${facts}` };
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}

function unknownCode(code: string): HxpError {
  const words = code.split("_");
  const near = Object.keys(errorTable).filter((each) => each.split("_").some((word) => words.includes(word)));
  const hint = near.length === 0 ? "List them all with hxp errors." : `Near it: ${near.slice(0, 8).join(", ")}.`;
  return new HxpError("USAGE_INVALID", `There is no error code ${code}`, { hint });
}
