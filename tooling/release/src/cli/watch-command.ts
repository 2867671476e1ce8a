import type { Command } from "commander";
import { watch } from "../commands/watch.ts";
import { renderDifferences } from "../output/render-outcomes.ts";
import type { CliWorld } from "./cli-world.ts";
import { parseInterval } from "./parse-interval.ts";
import { addCommonOptions, addTargetOptions, runCommandIn, type TargetFlags } from "./run-command-in.ts";

const differenceExitCode = 14;

/** `release watch`: exits 14 on a difference, or goes on and tells a webhook. */
export function addWatchCommand(program: Command, world: CliWorld): void {
  addTargetOptions(addCommonOptions(program.command("watch")))
    .description("compare the registry with the journal: tags, digests, deprecations, unknown versions")
    .option("--interval <time>", "look again after 30s, 5m, 1h; default: look once", parseInterval)
    .option("--webhook <url>", "post differences as alerts (Alertmanager: …/api/v2/alerts) and go on")
    .action((flags: TargetFlags & { interval?: number; webhook?: string }) =>
      runCommandIn(world, { flags, purpose: "watch", options: flags, readOnly: true }, async (context) => {
        const differences = await watch(context, {
          intervalMs: flags.interval,
          webhook: flags.webhook,
          onLook: (look) => {
            const text = `${look.time}  ${look.checked} packages\n${renderDifferences(look.differences)}`;
            world.write(flags.json === true ? `${JSON.stringify(look)}\n` : `${text}\n`);
          },
        });
        if (differences.length > 0) world.setExitCode(differenceExitCode);
        return undefined;
      }),
    );
}
