import { diff, type Difference, explain, formatOrigin, printConfig, renderProblems, requireConfig } from "@hxp/config";
import { HxpError } from "@hxp/errors";
import type { Command } from "commander";
import { addCommand, addGroup, type PlatformFlags, printResult } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { hxpSchema } from "../platform/hxp-schema.ts";
import { readHxp } from "../platform/load-platform.ts";

/** `hxp config`: what hxp.yaml says, and why. */
export function addConfigCommand(program: Command, world: CliWorld): void {
  const config = addGroup(program, "config", "check, explain, print or compare configurations");
  addCommand(config, {
    words: "check [file]",
    description: "say what is wrong with a configuration, all at once",
    examples: ["hxp config check", "hxp config check --environment production --json"],
    platform: true,
  }).action((file: string | undefined, flags: PlatformFlags) => check(world, withFile(flags, file)));
  addCommand(config, {
    words: "explain <path>",
    description: "say where a value comes from and what it overrode",
    examples: ["hxp config explain gateway.listen.port", "hxp config explain models.serve.guide.threads"],
    platform: true,
  }).action((path: string, flags: PlatformFlags) => explainPath(world, path, flags));
  addCommand(config, {
    words: "print",
    description: "print the whole configuration, defaults too; secrets as their references",
    examples: ["hxp config print", "hxp config print --environment staging --json"],
    platform: true,
  }).action((flags: PlatformFlags) => print(world, flags));
  addCommand(config, {
    words: "diff <before> <after>",
    description: "compare two configuration files by what they mean",
    examples: ["hxp config diff hxp.yaml hxp.new.yaml"],
    platform: true,
  }).action((before: string, after: string, flags: PlatformFlags) => compare(world, [before, after], flags));
}

function withFile(flags: PlatformFlags, file: string | undefined): PlatformFlags {
  return file === undefined ? flags : { ...flags, config: file };
}

async function check(world: CliWorld, flags: PlatformFlags): Promise<void> {
  const { result, file } = await readHxp(flags, world);
  requireConfig(result);
  const { warnings } = result;
  const title = `${file ?? "The built-in platform"} is right${warnings.length === 0 ? "" : ", with warnings"}.`;
  const text = warnings.length === 0 ? title : `${renderProblems(warnings)}\n\n${title}`;
  printResult(world, flags, { result: { file: file ?? null, warnings }, text });
}

async function explainPath(world: CliWorld, path: string, flags: PlatformFlags): Promise<void> {
  const { result } = await readHxp(flags, world);
  const found = explain(result, path);
  if (found === undefined) {
    const hint = "hxp config print shows every key that is set; hxp init writes a file with all there are.";
    throw new HxpError("USAGE_INVALID", `Nothing sets ${path}, and it has no default`, { hint });
  }
  const lines = [
    `${found.path}: ${JSON.stringify(found.value)}`,
    ...(found.description === undefined ? [] : [`  ${found.description}`]),
    `  from      ${formatOrigin(found.origin)}`,
    ...found.overrode.map(({ value, origin }) => `  overrode  ${JSON.stringify(value)} from ${formatOrigin(origin)}`),
    ...(found.default === undefined ? [] : [`  default   ${JSON.stringify(found.default)}`]),
    ...(found.unit === undefined ? [] : [`  unit      ${found.unit}`]),
  ];
  printResult(world, flags, { result: found, text: lines.join("\n") });
}

async function print(world: CliWorld, flags: PlatformFlags): Promise<void> {
  const { result } = await readHxp(flags, world);
  const config = requireConfig(result);
  const format = flags.json === true ? "json" : "yaml";
  world.write(printConfig(hxpSchema, config, { format }));
}

async function compare(world: CliWorld, files: readonly [string, string], flags: PlatformFlags): Promise<void> {
  const [before, after] = await Promise.all(
    files.map(async (config) => requireConfig((await readHxp({ ...flags, config }, world)).result)),
  );
  const differences = diff(before, after);
  const text = differences.length === 0 ? "They mean the same." : differences.map(renderDifference).join("\n");
  printResult(world, flags, { result: { differences }, text });
}

function renderDifference(difference: Difference): string {
  const { path, kind } = difference;
  if (kind === "added") return `+ ${path}: ${JSON.stringify(difference.after)}`;
  if (kind === "removed") return `- ${path}: ${JSON.stringify(difference.before)}`;
  return `~ ${path}: ${JSON.stringify(difference.before)} → ${JSON.stringify(difference.after)}`;
}
