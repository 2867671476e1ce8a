import type { ParsedHelp } from "../help/parse-help.ts";

/** What a program says of itself, or of one of its subcommands, as far as commands in documents need it. */
export interface ProgramHelp {
  /** With their aliases. */
  commands: ReadonlySet<string>;
  /** Flags as they are typed, with whether the next word belongs to them. */
  flags: ReadonlyMap<string, boolean>;
  /** Whether it takes words that are no subcommands; undefined where it does not say how it is used. */
  takesArguments: boolean | undefined;
}

/** Sorts what a help text says by what can be typed. */
export function toProgramHelp({ hasUsage, arguments: values, options, commands }: ParsedHelp): ProgramHelp {
  const flags = options.flatMap(({ names, value }) => names.map((name): [string, boolean] => [name, value !== "none"]));
  return {
    commands: new Set(commands.flatMap(({ name, aliases }) => [name, ...aliases])),
    flags: new Map([["--help", false], ["-h", false], ...flags]),
    takesArguments: hasUsage ? values.length > 0 : undefined,
  };
}
