import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { HxpError } from "@hxp/errors";
import { type ContenderName, contenderNames } from "./contenders/contender.ts";
import { howHxpStarts } from "./contenders/how-hxp-starts.ts";
import { planScenarios } from "./scenarios.ts";

/** What the bench is told. */
export interface BenchOptions {
  readonly rounds: number;
  /** Of each load. */
  readonly seconds: number;
  /** Requests a second of the open loops and the soak. */
  readonly rate: number;
  readonly only: readonly ContenderName[];
  /** Names of loads. */
  readonly loads: readonly string[];
  readonly json: string | undefined;
  /** Seconds; undefined: none. */
  readonly soak: number | undefined;
  readonly skipInstall: boolean;
  readonly profile: string | undefined;
  readonly cache: string;
  readonly built: boolean;
  readonly nodeArgs: readonly string[];
  readonly check: boolean;
  readonly help: boolean;
}

const usualRate = 200;
const usualArgs = howHxpStarts.nodeArgs.join(" ");
const loadNames = planScenarios(usualRate).map(({ name }) => name);

/** How the bench is used. */
export const usage = `pnpm bench gateway [--rounds <n>] [--seconds <s>] [--only <names>] [--json <file>] [--check]
pnpm bench gateway --soak <time>

Measures, on loopback, what a gateway adds to an upstream that answers at once: HXP with all that it can do, a bare
pass-through in node:http, nginx and Portkey, interleaved.

  --rounds <n>       how often each contender gets each load; default 5
  --seconds <s>      how long a load lasts; default 3
  --rate <n>         requests a second of the open loops and the soak; default ${usualRate}
  --only <names>     contenders, with commas: ${contenderNames.join(", ")}; direct is always there
  --loads <names>    loads, with commas: ${loadNames.join(", ")}
  --skip-install     install nothing: without Portkey, unless it is installed already
  --soak <time>      HXP alone under a steady load for so long, such as 10m: its memory every 10 s
  --profile <folder> write a processor profile of HXP there
  --built            HXP as it was built (\`pnpm build\`) and is published, in place of its sources
  --node-args=<args> for the Node of HXP; default: as \`hxp\` starts it, ${usualArgs}
  --json <file>      write the result there, too
  --check            end with exit code 14 when a goal is missed
`;

/** Reads the words after `pnpm bench gateway`. Throws USAGE_INVALID. */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv = process.env): BenchOptions {
  try {
    const { values } = parse(args);
    return {
      rounds: readNumber(values.rounds, { min: 1, max: 100, isWhole: true }),
      seconds: readNumber(values.seconds, { min: 0.1, max: 120 }),
      rate: readNumber(values.rate, { min: 1, max: 20_000, isWhole: true }),
      only: readContenders(values.only),
      loads: readNames(values.loads, loadNames),
      json: values.json,
      soak: values.soak === undefined ? undefined : readTime(values.soak),
      skipInstall: values["skip-install"],
      profile: values.profile,
      cache: join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "hxp/bench"),
      built: values.built,
      nodeArgs: values["node-args"].split(" ").filter((word) => word !== ""),
      check: values.check,
      help: values.help,
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HxpError("USAGE_INVALID", reason, { cause, hint: "Run `pnpm bench gateway --help`." });
  }
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "3" },
      rate: { type: "string", default: String(usualRate) },
      only: { type: "string", default: contenderNames.join(",") },
      loads: { type: "string", default: loadNames.join(",") },
      json: { type: "string" },
      soak: { type: "string" },
      "skip-install": { type: "boolean", default: false },
      profile: { type: "string" },
      built: { type: "boolean", default: false },
      "node-args": { type: "string", default: usualArgs },
      check: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly isWhole?: boolean;
}

function readNumber(text: string, { min, max, isWhole = false }: Range): number {
  const value = Number(text);
  if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
  throw new Error(`${JSON.stringify(text)} is not a ${isWhole ? "whole number" : "number"} from ${min} to ${max}`);
}

/** `direct` is what all others are compared with. */
function readContenders(text: string): readonly ContenderName[] {
  const names = readNames(text, contenderNames);
  return contenderNames.filter((name) => name === "direct" || names.includes(name));
}

function readNames(text: string, known: readonly string[]): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`${unknown.join(", ")} is none of ${known.join(", ")}`);
  return names;
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
const longestSoak = 86_400;

function readTime(text: string): number {
  const [, amount, unit = ""] = /^(\d+)([smh])$/.exec(text) ?? [];
  const seconds = Number(amount) * (unitSeconds[unit] ?? Number.NaN);
  if (seconds >= 1 && seconds <= longestSoak) return seconds;
  throw new Error(`${JSON.stringify(text)} is not a time from 1s to 24h, such as 10m`);
}
