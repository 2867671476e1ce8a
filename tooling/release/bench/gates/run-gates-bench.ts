import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { HxpError } from "@hxp/errors";
import { describeMachine, type Machine } from "../describe-machine.ts";
import { readCount } from "../read-count.ts";
import type { BenchOutput } from "../run-release-bench.ts";
import { type BenchClosure, withBenchClosure } from "./bench-closure.ts";
import { type Contender, contenders } from "./contenders.ts";
import { judgeGoals, renderGatesReport } from "./render-gates-report.ts";
import { runMeasured } from "./run-measured.ts";

/** What one contender took on one closure, once. */
export interface Measurement {
  contender: string;
  /** Packages of the closure. */
  packages: number;
  /** Packages that the contender says it looked at. */
  counted: number;
  durationMs: number;
  peakBytes: number;
}

/** All that a bench of the gates found out, and on what. */
export interface GatesReport {
  measuredAt: string;
  machine: Machine;
  rounds: number;
  measurements: Measurement[];
}

const usage = `pnpm bench gates [--packages <list>] [--rounds <n>] [--json <file>] [--check]

Measures time and memory of the gates that install and run nothing, on made-up closures that are served by the embedded
registry, against license-checker-rseidelsohn, pnpm licenses, pnpm sbom and matching as a scanner without an index does.

  --packages <list>  sizes of the closures; default 100,1000,10000
  --rounds <n>       how often each contender runs; default 3
  --json <file>      write the result there, too
  --check            end with exit code 14 when a goal is missed
`;

const missedGoal = 14;

/** `pnpm bench gates`: measures, prints, and returns the exit code. A contender that fails is an error. */
export async function runGatesBench(args: readonly string[], { write, signal }: BenchOutput): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    write(usage);
    return 0;
  }
  const measurements: Measurement[] = [];
  for (const packages of options.packages) {
    write(`${packages} packages: publishing them to an embedded registry …\n`);
    const onProgress = (text: string): void => write(`  ${text}\n`);
    measurements.push(
      ...(await withBenchClosure({ packages, signal, onProgress }, (closure) =>
        measureAll(closure, { ...options, write }),
      )),
    );
  }
  const report: GatesReport = {
    measuredAt: new Date().toISOString(),
    machine: describeMachine(),
    rounds: options.rounds,
    measurements,
  };
  write(`\n${renderGatesReport(report)}`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  return options.check && judgeGoals(measurements).some(({ met }) => !met) ? missedGoal : 0;
}

/** Interleaved: what the machine does beside this hits all alike. */
async function measureAll(
  closure: BenchClosure,
  { rounds, write }: { rounds: number; write: (text: string) => void },
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) {
      const measured = await measure(contender, closure);
      write(`  ${contender.name}: ${measured.durationMs.toFixed(0)} ms, ${measured.counted} packages\n`);
      measurements.push(measured);
    }
  }
  return measurements;
}

async function measure({ name, command, count }: Contender, closure: BenchClosure): Promise<Measurement> {
  const { workspace: cwd, env, signal, packages } = closure;
  const { durationMs, peakBytes, stdout } = await runMeasured(command(closure), { cwd, env, signal });
  return { contender: name, packages, counted: count(stdout), durationMs, peakBytes };
}

interface GatesBenchOptions {
  packages: number[];
  rounds: number;
  json: string | undefined;
  check: boolean;
  help: boolean;
}

function readOptions(args: readonly string[]): GatesBenchOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        packages: { type: "string", default: "100,1000,10000" },
        rounds: { type: "string", default: "3" },
        json: { type: "string" },
        check: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const packages = values.packages.split(",").map((text) => readCount(text, 20_000));
    return { ...values, json: values.json, packages, rounds: readCount(values.rounds, 100) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HxpError("USAGE_INVALID", reason, { cause, hint: "Run `pnpm bench gates --help`." });
  }
}
