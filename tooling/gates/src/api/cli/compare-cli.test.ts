import { describe, expect, test } from "vitest";
import { parseHelp } from "../../help/parse-help.ts";
import { largestBump } from "../bump.ts";
import type { CliSurface } from "./cli-surface.ts";
import { compareCli } from "./compare-cli.ts";

/** Surface of a program with one command, in which the text stands for its help. */
function surfaceOf(help: string, aliases: readonly string[] = []): CliSurface {
  const { arguments: values, options } = parseHelp(help);
  return { "": { aliases: [], arguments: [], options: [] }, run: { aliases, arguments: values, options } };
}

const flags = (...lines: string[]): string =>
  `Usage: tool run\n\nOptions:\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
const usage = (text: string): string => `Usage: tool run [options] ${text}\n`;

describe("compareCli", () => {
  test.each([
    ["major", "a flag removed", flags("--a  x", "--b  x"), flags("--a  x")],
    ["major", "a short name of a flag removed", flags("-a, --all  x"), flags("--all  x")],
    ["minor", "a flag added", flags("--a  x"), flags("--a  x", "--b  x")],
    ["major", "a flag added that must be given", flags("--a  x"), flags("--a  x", "--b <n>  x  [required]")],
    ["major", "a flag that must be given now", flags("--a <n>  x"), flags("--a <n>  x (required)")],
    ["minor", "a flag that can be left out", flags("--a <n>  x (required)"), flags("--a <n>  x")],
    ["major", "a flag that takes a value now", flags("--a  x"), flags("--a <n>  x")],
    ["minor", "a flag that may take a value now", flags("--a  x"), flags("--a [n]  x")],
    ["patch", "another description and order", flags("--a  x", "--b  y"), flags("--b  z", "--a  x")],
    ["patch", "another placeholder", flags("--a <n>  x"), flags("--a <number>  x")],
    ["major", "an argument that must be given now", usage("[file]"), usage("<file>")],
    ["major", "an argument added that must be given", usage(""), usage("<file>")],
    ["minor", "an argument added that need not be given", usage("<a>"), usage("<a> [b]")],
    ["major", "an argument removed", usage("<a> [b]"), usage("<a>")],
    ["major", "one value where many were", usage("[a...]"), usage("[a]")],
    ["minor", "many values where one was", usage("[a]"), usage("[a...]")],
  ])("asks for a %s for %s", (least, _title, before, after) => {
    const changes = compareCli("tool", { before: surfaceOf(before), after: surfaceOf(after) });
    expect(largestBump(changes.map(({ bump }) => bump))).toBe(least);
    expect(changes.length > 0).toBe(least !== "patch");
  });

  test("names a command that is gone once, not each one in it, and an alias", () => {
    const none = { aliases: [], arguments: [], options: [] };
    const before: CliSurface = { "": none, keys: none, "keys create": none, run: { ...none, aliases: ["r"] } };
    const after: CliSurface = { "": none, run: none, stop: none };
    const changes = compareCli("tool", { before, after });
    expect(changes.map(({ where, change, bump }) => `${where} ${change} ${bump}`)).toEqual([
      "tool keys removed major",
      "tool run removed major",
      "tool stop added minor",
    ]);
  });
});
