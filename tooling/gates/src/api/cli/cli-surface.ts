import { z } from "zod";
import type { CliArgument, CliOption } from "../../help/parse-help.ts";

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
