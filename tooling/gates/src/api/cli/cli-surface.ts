import { z } from "zod";

/** A flag of a command. */
export interface CliOption {
  /** All its names, the long one first. */
  names: readonly string[];
  value: "none" | "optional" | "required";
  isRequired: boolean;
}

/** An argument of a command, by position. */
export interface CliArgument {
  name: string;
  isRequired: boolean;
  isVariadic: boolean;
}

/** One command as its help describes it. */
export interface CliCommand {
  /** Other names of it, as its parent lists them. */
  aliases: readonly string[];
  arguments: readonly CliArgument[];
  options: readonly CliOption[];
}

/** All commands of a program, by their words; the program itself is ``. */
export type CliSurface = Readonly<Record<string, CliCommand>>;

const names = z.array(z.string());

/** A {@link CliSurface} as it is kept. */
export const cliSurfaceSchema: z.ZodType<CliSurface> = z.record(
  z.string(),
  z.strictObject({
    aliases: names,
    arguments: z.array(z.strictObject({ name: z.string(), isRequired: z.boolean(), isVariadic: z.boolean() })),
    options: z.array(
      z.strictObject({ names, value: z.enum(["none", "optional", "required"]), isRequired: z.boolean() }),
    ),
  }),
);

/** What a program's help says about one command. */
export interface ParsedHelp {
  arguments: CliArgument[];
  options: CliOption[];
  commands: { name: string; aliases: string[] }[];
}
