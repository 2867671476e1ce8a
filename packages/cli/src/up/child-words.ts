import { resolve } from "node:path";
import type { PlatformFlags } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { binCommand } from "./bin-command.ts";

/** The command line of a model's process, which reads the same configuration as this one. */
export type ChildWords = (model: string) => readonly [string, ...string[]];

/** Makes the command line of a model's process from the flags of this command. */
export function childWords(
  { cwd }: Pick<CliWorld, "cwd">,
  { flags, level }: { flags: PlatformFlags; level: string },
): ChildWords {
  const { config, environment, data, set } = flags;
  const shared = [
    ...(config === undefined ? [] : ["--config", resolve(cwd, config)]),
    ...(environment === undefined ? [] : ["--environment", environment]),
    ...(data === undefined ? [] : ["--data", resolve(cwd, data)]),
    ...set.flatMap((each) => ["--set", each]),
    "--log-level",
    level,
    "--supervised",
  ];
  return (model) => [...binCommand(), "serve", "model", model, ...shared];
}
