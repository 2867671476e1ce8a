import { Command, Option } from "commander";
import { listUpdates, updateDependencies } from "../commands/update-dependencies.ts";
import { watchDependencies } from "../commands/watch-dependencies.ts";
import type { Risk } from "../dependencies/group-updates.ts";
import { renderLook, renderUpdateOutcome, renderUpdates } from "../output/render-dependencies.ts";
import type { CliWorld } from "./cli-world.ts";
import { parseInterval } from "./parse-interval.ts";
import { addCommonOptions, type CommonFlags, runCommandIn } from "./run-command-in.ts";

const risks: readonly Risk[] = ["security", "routine", "feature", "major", "concern"];

/** The commands of `pnpm deps`: what has newer versions, and which of them pass the gates. */
export function createDepsProgram(world: CliWorld): Command {
  const program = new Command("deps")
    .description("Look after the dependencies of a pnpm workspace: what is outdated, and which updates pass the gates.")
    .addHelpText("after", helpText)
    .enablePositionalOptions();
  addOutdated(program, world);
  addUpdate(program, world);
  addWatch(program, world);
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({ writeOut: world.write, writeErr: world.writeError })
      .showHelpAfterError("(--help lists what there is)");
  }
  return program;
}

const helpText = `
Groups, in the order in which they are tried: security (mends a known vulnerability), routine (patches), feature (minors),
major (one family at a time), concern (too young, lost its provenance, a new publisher, a new install script, another
licence: each by itself, and only when it is named or --risk concern is given).

Exit codes: 0 done · 1 another error · 2 bad usage or config · 12 a release runs · 14 a group did not pass, the
workspace does not as it is, or watch found something · 130 stopped: what was kept stays`;

const didNotPass = 14;

function addWatch(program: Command, world: CliWorld): void {
  addCommonOptions(program.command("watch"))
    .description("look at the dependencies of what was released: new advisories, deprecations, licences, lost versions")
    .option("--interval <time>", "look again after 30s, 5m, 1h; default: look once", parseInterval)
    .option("--webhook <url>", "post what is found as alerts (Alertmanager: …/api/v2/alerts) and go on")
    .action((flags: CommonFlags & { interval?: number; webhook?: string }) =>
      runCommandIn(world, { flags, purpose: "deps watch", readOnly: true }, async (context) => {
        const alerts = await watchDependencies(context, {
          intervalMs: flags.interval,
          webhook: flags.webhook,
          onLook: (look) => world.write(`${flags.json === true ? JSON.stringify(look) : renderLook(look)}\n`),
        });
        if (alerts.length > 0) world.setExitCode(didNotPass);
        return undefined;
      }),
    );
}

function addOutdated(program: Command, world: CliWorld): void {
  addCommonOptions(program.command("outdated"))
    .description("list direct dependencies with newer versions, in groups by risk")
    .action((flags: CommonFlags) =>
      runCommandIn(world, { flags, purpose: "deps outdated", readOnly: true }, async (context) => {
        const groups = await listUpdates(context);
        return { result: { groups }, text: renderUpdates(groups) };
      }),
    );
}

function addUpdate(program: Command, world: CliWorld): void {
  addCommonOptions(program.command("update"))
    .argument("[names...]", "dependencies to update; default: all but those of risk concern")
    .description("try each group through the gates in a clone, and keep those that pass as one commit each")
    .addOption(new Option("--risk <risk...>", "only groups of this risk").choices([...risks]))
    .action((names: string[], flags: CommonFlags & { risk?: Risk[] }) =>
      runCommandIn(world, { flags, purpose: "deps update" }, async (context) => {
        const outcome = await updateDependencies(context, { names, risks: flags.risk });
        if (outcome.outcomes.some((entry) => entry.outcome === "left")) world.setExitCode(didNotPass);
        return { result: withoutResults(outcome), text: renderUpdateOutcome(outcome) };
      }),
    );
}

/** The verdicts are in the thousands of lines, and the commit message has what counts. */
function withoutResults({ outcomes }: Awaited<ReturnType<typeof updateDependencies>>): object {
  return { outcomes: outcomes.map((entry) => ("results" in entry ? { ...entry, results: undefined } : entry)) };
}
