import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { HxpError } from "@hxp/errors";
import { describeMachine, type Machine } from "./describe-machine.ts";
import { withBenchWorld } from "./bench-world.ts";
import { measureRelease } from "./measure-release.ts";
import { measureSigning } from "./measure-signing.ts";
import { readCount } from "./read-count.ts";
import { renderReport } from "./render-report.ts";
import { summarise, type Summary } from "./summarise.ts";

/** All that a bench found out, and on what. */
export interface Report extends Summary {
  measuredAt: string;
  machine: Machine;
  packages: number;
  rounds: number;
}

/** What {@link runReleaseBench} writes to, and what ends it early. */
export interface BenchOutput {
  write: (text: string) => void;
  signal: AbortSignal;
}

const mostPackages = 200;
const mostRounds = 200;

const usage = `pnpm bench release [--rounds <n>] [--packages <n>] [--json <file>] [--check]

Measures, on one embedded registry on loopback, our stage + read back + promote against \`changeset publish\` and
\`pnpm publish -r\`, and signing and verifying.

  --rounds <n>    how often each contender runs; default 5
  --packages <n>  how many packages are released; default 50
  --json <file>   write the result there, too
  --check         end with exit code 14 when a goal is missed
`;

/** `pnpm bench release`: measures, prints, and returns the exit code. A contender that fails is an error. */
export async function runReleaseBench(args: readonly string[], { write, signal }: BenchOutput): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    write(usage);
    return 0;
  }
  const { packages, rounds } = options;
  write(`Making a workspace of ${packages} packages, and our signed release of it …\n`);
  const report = await withBenchWorld({ packages, signal }, async (world): Promise<Report> => {
    const runs = await measureRelease(world, rounds, ({ contender, durationMs, tornMs }) =>
      write(`  ${contender}: ${durationMs.toFixed(0)} ms, torn for ${tornMs.toFixed(0)} ms\n`),
    );
    return { ...describeRun(options), ...summarise(runs, await measureSigning(world, rounds)) };
  });
  write(`\n${renderReport(report)}`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  return options.check && report.goals.some(({ met }) => !met) ? 14 : 0;
}

interface BenchOptions {
  packages: number;
  rounds: number;
  json: string | undefined;
  check: boolean;
  help: boolean;
}

function readOptions(args: readonly string[]): BenchOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        packages: { type: "string", default: "50" },
        rounds: { type: "string", default: "5" },
        json: { type: "string" },
        check: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const { json, check, help } = values;
    return {
      json,
      check,
      help,
      packages: readCount(values.packages, mostPackages),
      rounds: readCount(values.rounds, mostRounds),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HxpError("USAGE_INVALID", reason, { cause, hint: "Run `pnpm bench release --help`." });
  }
}

function describeRun({ packages, rounds }: BenchOptions) {
  return { measuredAt: new Date().toISOString(), machine: describeMachine(), packages, rounds };
}
