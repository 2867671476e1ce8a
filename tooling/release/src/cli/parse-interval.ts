import { InvalidArgumentError } from "commander";

const units: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads a pause such as `30s`, `5m` or `1h`, in milliseconds; less than a second is refused. */
export function parseInterval(text: string): number {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)\s*([smh])?$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (units[unit] ?? Number.NaN);
  if (milliseconds >= 1_000) return milliseconds;
  throw new InvalidArgumentError(`expected a time of at least 1s, such as 30s, 5m or 1h, found ${text}`);
}
