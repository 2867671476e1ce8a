import { z } from "zod";

const dataSchema = z.strictObject({
  package: z.string().min(1).describe("Name of the package that exports the value."),
  export: z.string().min(1).describe("Name of the export: plain data, such as a table of error codes."),
  subpath: z.string().startsWith(".").default(".").describe("Subpath that exports it, as in the exports map."),
  kind: z.enum(["data", "errors"]).default("data").describe("What the changes are called in the report."),
  prose: z
    .array(z.string().min(1))
    .default([])
    .describe("Keys, at any depth, whose texts are for people: another wording is a patch."),
});

const typeSchema = z.strictObject({
  package: z.string().min(1).describe("Name of the package that exports the type."),
  type: z.string().min(1).describe("Name of the exported type."),
  use: z
    .enum(["read", "supply"])
    .optional()
    .describe("What consumers do with its values, where no function shows it; default: both."),
  open: z
    .boolean()
    .default(false)
    .describe("Whether consumers know that the union may grow, so that another member is a minor, wherever it stands."),
});

const cliSchema = z.strictObject({
  ignore: z
    .array(z.string().min(1))
    .default([])
    .describe("Programs that are not compared, such as ones without `--help`, by their names in `bin`."),
  timeoutSeconds: z.int().positive().default(20).describe("How long one call with `--help` may take, in seconds."),
  maxCommands: z.int().positive().default(400).describe("Most commands that are asked for help in one program."),
});

/** Section `api` of the policy. */
export const apiPolicySchema = z.strictObject({
  data: z.array(dataSchema).default([]).describe("Exported values that are compared key by key, not by type alone."),
  types: z.array(typeSchema).default([]).describe("What the declarations do not tell of exported types."),
  cli: cliSchema.prefault({}).describe("How commands and flags of programs are read: by `--help`, command by command."),
});
