import { type Command, InvalidArgumentError, Option } from "commander";
import type { CliWorld } from "./cli-world.ts";

/** Flags that every command has. */
export interface CommonFlags {
  json?: boolean;
  verbose?: boolean;
}

/** Flags of commands that read `hxp.yaml`. */
export interface PlatformFlags extends CommonFlags {
  config?: string;
  environment?: string;
  data?: string;
  set: readonly string[];
}

/** What {@link addCommand} takes. */
export interface CommandWords {
  /** Name and arguments: `revoke <id>`. */
  readonly words: string;
  readonly description: string;
  /** Command lines as they would be typed. */
  readonly examples: readonly string[];
  /** Whether it reads `hxp.yaml`. */
  readonly platform?: boolean;
}

/** Adds a command with the options that all have and examples in its help. */
export function addCommand(parent: Command, { words, description, examples, platform }: CommandWords): Command {
  const command = parent.command(words).description(description);
  if (platform === true) addPlatformOptions(command);
  return command
    .option("--json", "print the result as one JSON object on standard output; progress goes to standard error")
    .option("--verbose", "print stack traces with errors")
    .addHelpText("after", `\nExamples:\n${examples.map((each) => `  $ ${each}`).join("\n")}`);
}

/** Adds a word that only leads to commands below it. */
export function addGroup(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description);
}

function addPlatformOptions(command: Command): void {
  command
    .option("--config <file>", "default: hxp.yaml in this folder, else the built-in platform")
    .option("--environment <name>", "also read hxp.<name>.yaml; default: HXP_ENVIRONMENT, else development")
    .option("--data <folder>", "where keys, usage and models lie; default: paths.data, else ~/.local/share/hxp")
    .addOption(
      new Option("--set <key=value>", "set a key of the configuration; repeatable").argParser(collect).default([]),
    );
}

/** Adds the option of commands that serve. */
export function addLogLevel(command: Command): Command {
  const levels = ["debug", "info", "warn", "error", "silent"];
  const text = "least level of the log on standard error; default: gateway.log.level, on a terminal warn";
  return command.addOption(new Option("--log-level <level>", text).choices(levels));
}

/** For options that may be given several times. */
function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** For options that take `a,b` and may be given several times. */
export function collectList(value: string, before: readonly string[] = []): readonly string[] {
  return [
    ...before,
    ...value
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== ""),
  ];
}

/** For options that take a number that is not negative and has no fraction. */
export function parseCount(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`expected a whole number, found ${text}`);
}

/** For options that take a port; 0 is any free one. */
export function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new InvalidArgumentError(`expected a port from 0 to 65535, found ${text}`);
}

/** Prints what a command found, as JSON or as text. */
export function printResult(world: CliWorld, flags: CommonFlags, output: { result: object; text: string }): void {
  world.progress.clear();
  world.write(flags.json === true ? `${JSON.stringify(output.result, null, 2)}\n` : `${output.text}\n`);
}

/** For options that take an amount that is not negative. */
export function parseAmount(text: string): number {
  if (/^\d{1,12}(?:\.\d{1,9})?$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`expected a number, found ${text}`);
}
