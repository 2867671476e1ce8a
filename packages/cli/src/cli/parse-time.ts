import { InvalidArgumentError } from "commander";

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration such as `30s`, `10m`, `24h` or `90d`. */
export function parseDuration(text: string): number {
  const [, amount, unit = ""] = /^(\d{1,8})([smhd])$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (units[unit] ?? Number.NaN);
  if (Number.isFinite(milliseconds)) return milliseconds;
  throw new InvalidArgumentError(`expected a duration such as 30s, 10m, 24h or 90d, found ${text}`);
}

/** A moment that was given as a time with its zone, or as a duration, before or after now. */
export type Moment = (now: number) => Date;

/** A time such as `2026-01-31`, `2026-01-31T12:00:00Z`, or a duration: so long ago. */
export function parsePast(text: string): Moment {
  return parseMoment(text, -1);
}

/** A time such as `2026-01-31`, `2026-01-31T12:00:00Z`, or a duration: so long from now. */
export function parseFuture(text: string): Moment {
  return parseMoment(text, 1);
}

function parseMoment(text: string, direction: 1 | -1): Moment {
  if (/^\d{1,8}[smhd]$/.test(text)) {
    const span = parseDuration(text);
    return (now) => new Date(now + direction * span);
  }
  const time = new Date(text);
  const isTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text);
  if (isTime && !Number.isNaN(time.getTime())) return () => time;
  throw new InvalidArgumentError(
    `expected a time in UTC such as 2026-01-31 or 2026-01-31T12:00:00Z, or a duration such as 7d, found ${text}`,
  );
}
