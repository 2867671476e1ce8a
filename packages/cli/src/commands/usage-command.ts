import type { KeyRecord, UsageSum } from "@hxp/schema-storage";
import { type Command, Option } from "commander";
import { addCommand, type PlatformFlags, printResult } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { type Moment, parsePast } from "../cli/parse-time.ts";
import { listKeys } from "../keys/change-keys.ts";
import { renderCsv } from "../output/render-csv.ts";
import { renderTable } from "../output/render-table.ts";
import { loadPlatform } from "../platform/load-platform.ts";
import { openStoresFor } from "../platform/open-stores.ts";

type UsageFlags = PlatformFlags & { by: "key" | "team" | "model"; since: Moment; until?: Moment; csv?: boolean };

/** `hxp usage`: tokens and cost by key, team or model. */
export function addUsageCommand(program: Command, world: CliWorld): void {
  addCommand(program, {
    words: "usage",
    description: "sum up requests, tokens and cost",
    examples: [
      "hxp usage --by team --since 30d",
      "hxp usage --by key --since 2026-01-01 --until 2026-02-01 --csv > january.csv",
    ],
    platform: true,
  })
    .addOption(new Option("--by <group>", "what to sum up by").choices(["key", "team", "model"]).default("key"))
    .addOption(
      new Option("--since <when>", "from when: 7d ago, or a time in UTC; whole hours")
        .default(parsePast("7d"), "7d")
        .argParser(parsePast),
    )
    .addOption(new Option("--until <when>", "to when, exclusive; default: now").argParser(parsePast))
    .option("--csv", "print comma-separated values")
    .action((flags: UsageFlags) => printUsage(world, flags));
}

async function printUsage(world: CliWorld, flags: UsageFlags): Promise<void> {
  const platform = await loadPlatform(flags, world);
  const now = Date.now();
  const [since, until] = [flags.since(now).toISOString(), flags.until?.(now).toISOString()];
  await using stores = await openStoresFor(world, platform);
  const sums = await stores.usage.sum({ by: flags.by, since, ...(until === undefined ? {} : { until }) });
  const keys = flags.by === "key" ? await listKeys(stores.keys) : [];
  const rows = sums.toSorted((a, b) => tokensOf(b) - tokensOf(a)).map((sum) => toRow(sum, keys));
  if (flags.csv === true) {
    const cells = rows.map(({ group, name, ...counts }) => [group, name, ...Object.values(counts)]);
    return world.write(`${renderCsv([flags.by, "name", ...countNames], cells)}\r\n`);
  }
  const result = { by: flags.by, since, until: until ?? new Date(now).toISOString(), usage: rows };
  printResult(world, flags, { result, text: renderUsage(flags.by, rows) });
}

const countNames = ["requests", "promptTokens", "cachedTokens", "completionTokens", "cost"] as const;

interface UsageRow extends UsageSum {
  /** Name of the key, where it is one. */
  readonly name: string;
}

function toRow(sum: UsageSum, keys: readonly KeyRecord[]): UsageRow {
  const { group, requests, promptTokens, cachedTokens, completionTokens, cost } = sum;
  const name = keys.find(({ id }) => id === group)?.name ?? "";
  return { group, name, requests, promptTokens, cachedTokens, completionTokens, cost };
}

function tokensOf({ promptTokens, completionTokens }: UsageSum): number {
  return promptTokens + completionTokens;
}

function renderUsage(by: UsageFlags["by"], rows: readonly UsageRow[]): string {
  if (rows.length === 0) return "Nothing was used in this time.";
  const cells = rows.map((row) => [
    row.group === "" ? "(none)" : row.group,
    ...(by === "key" ? [row.name] : []),
    ...countNames.map((name) => (name === "cost" ? row.cost.toFixed(4) : row[name].toLocaleString("en"))),
  ]);
  const names = by === "key" ? ["Key", "Name"] : [by === "team" ? "Team" : "Model"];
  const headings = [...names, "Requests", "Prompt tokens", "of them cached", "Answer tokens", "Cost"];
  const right = headings.map((_, index) => index).slice(names.length);
  return renderTable(headings, cells, { right });
}
