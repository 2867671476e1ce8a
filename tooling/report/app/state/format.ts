import type { CellValue, ColumnType } from "../../src/tables/report-table.ts";

/** A value as people read it; what is not known is a dash. */
export function formatValue(value: CellValue, type: ColumnType): string {
  if (value === null || value === "") return "—";
  if (type === "bytes" && typeof value === "number") return formatBytes(value);
  if (type === "duration" && typeof value === "number") return formatDuration(value);
  if (type === "date") return formatTime(String(value));
  if (type === "number" && typeof value === "number") return value.toLocaleString("en");
  return String(value);
}

/** A size in bytes, KiB or MiB. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** A duration in ms, s or min. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}

/** A time in UTC to the minute, or a day; a text that is no time stays as it is. */
export function formatTime(text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return text;
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Days until the end of a day in UTC, that day included; below zero once it is over. */
export function daysLeft(expires: string, now: Date): number {
  const end = Date.parse(`${expires.slice(0, 10)}T23:59:59.999Z`);
  return Math.floor((end - now.getTime()) / (24 * 3600 * 1000));
}

/** How good or bad a word is, for its colour and sign. */
export type Tone = "good" | "bad" | "warn" | "mute" | "info";

const tones: Readonly<Record<string, Tone>> = {
  Passed: "good",
  Allowed: "good",
  Verified: "good",
  Same: "good",
  Failed: "bad",
  Refused: "bad",
  Error: "bad",
  Invalid: "bad",
  Critical: "bad",
  High: "bad",
  Open: "bad",
  Lost: "bad",
  Changed: "bad",
  Absent: "bad",
  Waived: "warn",
  Warning: "warn",
  Exception: "warn",
  "Not run": "warn",
  "Not verified": "warn",
  Unsigned: "warn",
  Moderate: "warn",
  Served: "info",
  Answered: "info",
  Low: "info",
};

/** The tone of a verdict in words. */
export function toneOf(word: string): Tone {
  if (word.startsWith("Failed")) return "bad";
  return (Object.hasOwn(tones, word) ? tones[word] : undefined) ?? "mute";
}
