import { HxpError } from "@hxp/errors";
import { Command, InvalidArgumentError, Option } from "commander";
import { drill } from "../commands/drill.ts";
import { listKeys, rotateReleaseKey } from "../commands/keys.ts";
import { planOnly, publish, release } from "../commands/release.ts";
import { rollBack } from "../commands/roll-back.ts";
import { serve } from "../commands/serve.ts";
import { readStatus } from "../commands/status.ts";
import { renderDrill, renderKeys } from "../output/render-others.ts";
import { renderRelease, renderRollBack, renderStatus } from "../output/render-outcomes.ts";
import { addAdvisoriesCommand } from "./advisories-command.ts";
import type { CliWorld } from "./cli-world.ts";
import { addResolveCommand } from "./resolve-command.ts";
import { addVerifyCommand } from "./verify-command.ts";
import { addWatchCommand } from "./watch-command.ts";
import {
  addCommonOptions,
  addTargetOptions,
  type CommonFlags,
  runCommandIn,
  type TargetFlags,
} from "./run-command-in.ts";

/** The commands of `pnpm release`: words to calls, outcomes to text. */
export function createProgram(world: CliWorld): Command {
  const program = new Command("release")
    .description(
      "Plan, build, judge, sign, stage, verify and promote the packages of a pnpm workspace, or take them back.",
    )
    .addHelpText("after", helpText)
    .exitOverride()
    .configureOutput({ writeOut: world.write, writeErr: world.writeError })
    .showHelpAfterError("(--help lists what there is)")
    .enablePositionalOptions();
  addReleaseOptions(program).action((flags: ReleaseFlags) =>
    runRelease(world, { flags, run: release, purpose: "release" }),
  );
  addReleaseOptions(program.command("plan").description("make and sign the plan; nothing leaves the machine")).action(
    (flags: ReleaseFlags) => runRelease(world, { flags, run: planOnly, purpose: "release plan" }),
  );
  addReleaseOptions(
    program
      .command("publish")
      .argument("[id]", "beginning of a plan's id")
      .description("publish a signed plan, to the byte"),
  ).action((id: string | undefined, flags: ReleaseFlags) =>
    runRelease(world, { flags, run: (context) => publish(context, id), purpose: "release publish" }),
  );
  addVerifyCommand(program, world);
  addStatus(program, world);
  addRollBack(program, world);
  addServe(program, world);
  addWatchCommand(program, world);
  addResolveCommand(program, world);
  addKeys(program, world);
  addAdvisoriesCommand(program, world);
  for (const command of program.commands)
    command.exitOverride().configureOutput({ writeOut: world.write, writeErr: world.writeError });
  for (const command of [program, ...program.commands]) command.hook("preSubcommand", refuseMisplacedOptions);
  return program;
}

/** `release --to npm rollback` would roll back somewhere else: options belong to the word before them. */
function refuseMisplacedOptions(command: Command, subcommand: Command): void {
  const misplaced = command.options.find((option) => command.getOptionValueSource(option.attributeName()) === "cli");
  if (misplaced === undefined) return;
  command.error(`error: ${misplaced.long ?? misplaced.flags} goes behind '${subcommand.name()}'`);
}

const helpText = `
Without a command: plan and publish. The default registry is local, embedded in this command, under .hxp/registry:
a rehearsal. --to names one from release.config.ts.

Exit codes: 0 done · 1 another error · 2 bad usage or config · 10 reverted cleanly · 11 revert failed, a person is needed ·
12 another release runs · 13 the plan is stale · 14 a gate or check failed · 15 refused: signature, digest ·
130 stopped`;

type ReleaseFlags = TargetFlags & {
  channel?: string;
  allowDirty?: boolean;
  restore?: boolean;
  otp?: string;
  acceptFirstLatest?: boolean;
};

function addReleaseOptions(command: Command): Command {
  return addTargetOptions(addCommonOptions(command))
    .option("--channel <tag>", "dist-tag that consumers follow; default: latest, in pre mode the pre tag")
    .option("--allow-dirty", "release the working tree as it is; recorded as such")
    .option("--restore", "release versions again that were rolled back, with the same bytes")
    .option("--otp <code>", "one-time password of the registry account")
    .option("--accept-first-latest", "accept that a registry points latest at a new name before it is verified");
}

interface ReleaseRun {
  flags: ReleaseFlags;
  run: typeof release;
  purpose: string;
}

async function runRelease(world: CliWorld, { flags, run, purpose }: ReleaseRun): Promise<void> {
  await runCommandIn(world, { flags, purpose, options: flags }, async (context) => {
    const outcome = await run(context);
    return { result: outcome, text: renderRelease(outcome, context.config.state) };
  });
}

function addStatus(program: Command, world: CliWorld): void {
  addTargetOptions(addCommonOptions(program.command("status")))
    .description("show channels, what is on each, and digests against the journal")
    .action((flags: TargetFlags) =>
      runCommandIn(world, { flags, purpose: "status", options: flags, readOnly: true }, async (context) => {
        const status = await readStatus(context);
        return { result: status, text: renderStatus(status) };
      }),
    );
}

function addRollBack(program: Command, world: CliWorld): void {
  addTargetOptions(addCommonOptions(program.command("rollback")))
    .argument("[id]", "beginning of a release's id; default: the last one that changed the registry")
    .description("move tags back to what the journal recorded and deprecate the versions")
    .option("--reason <text>", "what consumers of the versions are told")
    .option("--drill", "release, roll back and release again on a throw-away registry, and print the times")
    .action(async (id: string | undefined, flags: TargetFlags & { reason?: string; drill?: boolean }) => {
      if (flags.drill === true) {
        if (id !== undefined || flags.to !== undefined || flags.reason !== undefined)
          throw new HxpError("USAGE_INVALID", "--drill makes a registry of its own: it takes no id, --to or --reason");
        const result = await drill({
          cwd: flags.cwd,
          progress: world.progress(flags.json === true),
          signal: world.signal,
        });
        world.write(flags.json === true ? `${JSON.stringify(result, null, 2)}\n` : `${renderDrill(result)}\n`);
        return;
      }
      await runCommandIn(world, { flags, purpose: "release rollback", options: flags }, async (context) => {
        const outcome = await rollBack(context, { id, reason: flags.reason ?? "" });
        return { result: outcome, text: renderRollBack(outcome) };
      });
    });
}

function addServe(program: Command, world: CliWorld): void {
  addCommonOptions(program.command("serve"))
    .description("serve the embedded registry on loopback until Ctrl-C")
    .addOption(new Option("--port <number>", "0 for any free one").default(4873).argParser(parsePort))
    .action((flags: CommonFlags & { port: number }) =>
      runCommandIn(world, { flags, purpose: "serve", readOnly: true }, async (context) => {
        const onReady = (url: string): void => {
          const example = `npm install <package> --registry ${url}`;
          world.write(
            flags.json === true ? `${JSON.stringify({ url })}\n` : `Serving ${url}\n  ${example}\nCtrl-C ends it.\n`,
          );
        };
        await serve(context, { port: flags.port, onReady });
        return undefined;
      }),
    );
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new InvalidArgumentError(`expected a port from 0 to 65535, found ${text}`);
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(time.getTime())) {
    return time;
  }
  throw new InvalidArgumentError(`expected a time with its zone such as 2026-01-31T12:00:00Z, found ${text}`);
}

function addKeys(program: Command, world: CliWorld): void {
  const keys = addCommonOptions(program.command("keys")).description("list the keys that signatures are checked with");
  keys.action((flags: CommonFlags) =>
    runCommandIn(world, { flags, purpose: "release keys" }, async (context) => {
      const outcome = await listKeys(context);
      return { result: outcome, text: renderKeys(outcome) };
    }),
  );
  addCommonOptions(keys.command("rotate"))
    .description("make a new release key; what the old one signed before stays valid")
    .addOption(
      new Option("--at <time>", "when the old key leaked, ISO 8601: what it signed after is refused").argParser(
        parseTime,
      ),
    )
    .exitOverride()
    .action((flags: CommonFlags & { at?: Date }) =>
      runCommandIn(world, { flags, purpose: "release keys rotate" }, async (context) => {
        const outcome = await rotateReleaseKey(context, { at: flags.at });
        return { result: outcome, text: renderKeys(outcome) };
      }),
    );
}
