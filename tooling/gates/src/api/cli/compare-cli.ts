import type { ApiChange } from "../api-change.ts";
import type { CliArgument, CliOption } from "../../help/parse-help.ts";
import type { CliCommand, CliSurface } from "./cli-surface.ts";

interface Pair<T> {
  before: T;
  after: T;
}

/** Compares the commands of a program: what scripts and people type must go on to work. */
export function compareCli(program: string, { before, after }: Pair<CliSurface>): ApiChange[] {
  const changes: ApiChange[] = [];
  for (const [words, command] of Object.entries(before)) {
    const where = `${program} ${words}`.trim();
    const next = after[words];
    if (next !== undefined) changes.push(...compareCommand(where, { before: command, after: next }));
    else if (!isInside(words, Object.keys(before), after)) {
      changes.push(make({ where, change: "removed", bump: "major", reason: "The command is gone." }));
    }
  }
  for (const words of Object.keys(after).filter((name) => before[name] === undefined)) {
    const where = `${program} ${words}`.trim();
    changes.push(make({ where, change: "added", bump: "minor", reason: "A new command." }));
  }
  return changes;
}

/** Whether a command is gone because the one that it belonged to is. */
function isInside(words: string, names: readonly string[], after: CliSurface): boolean {
  return names.some((name) => name !== "" && words.startsWith(`${name} `) && after[name] === undefined);
}

function compareCommand(where: string, { before, after }: Pair<CliCommand>): ApiChange[] {
  const lost = before.aliases.filter((alias) => !after.aliases.includes(alias));
  const aliases = lost.map((alias) =>
    make({
      where,
      change: "removed",
      before: alias,
      bump: "major",
      reason: `The command can no longer be called \`${alias}\`.`,
    }),
  );
  return [
    ...aliases,
    ...compareOptions(where, before.options, after.options),
    ...compareArguments(where, before.arguments, after.arguments),
  ];
}

function compareOptions(where: string, before: readonly CliOption[], after: readonly CliOption[]): ApiChange[] {
  const kept = before.flatMap((option) => {
    const lost = option.names.filter((name) => findIn(after, name) === undefined);
    const removed = lost.map((name) =>
      make({
        where: `${where} ${name}`,
        change: "removed",
        before: print(option),
        bump: "major",
        reason: "The flag is refused now.",
      }),
    );
    const next = after.find(({ names }) => names.some((name) => option.names.includes(name)));
    return next === undefined ? removed : [...removed, ...compareOption(where, { before: option, after: next })];
  });
  const added = after
    .filter(({ names }) => names.every((name) => findIn(before, name) === undefined))
    .map((option) => {
      const [bump, reason] = option.isRequired
        ? (["major", "A new flag that must be given."] as const)
        : (["minor", "A new flag."] as const);
      return make({ where: `${where} ${option.names[0]}`, change: "added", after: print(option), bump, reason });
    });
  return [...kept, ...added];
}

function findIn(list: readonly CliOption[], name: string): CliOption | undefined {
  return list.find(({ names }) => names.includes(name));
}

function compareOption(where: string, { before, after }: Pair<CliOption>): ApiChange[] {
  const texts = { where: `${where} ${before.names[0]}`, before: print(before), after: print(after) };
  const changes: ApiChange[] = [];
  if (before.value !== after.value) {
    const isOpener = after.value === "optional";
    const reason = isOpener
      ? "The flag works with and without a value."
      : `The flag takes ${valueTexts[after.value]} now, and took ${valueTexts[before.value]}.`;
    changes.push(
      make({ ...texts, change: isOpener ? "widened" : "changed", bump: isOpener ? "minor" : "major", reason }),
    );
  }
  if (before.isRequired !== after.isRequired) {
    const [change, bump, reason] = after.isRequired
      ? (["narrowed", "major", "The flag must be given now."] as const)
      : (["widened", "minor", "The flag can be left out."] as const);
    changes.push(make({ ...texts, change, bump, reason }));
  }
  return changes;
}

const valueTexts = { none: "no value", optional: "a value or none", required: "a value" } as const;

function compareArguments(where: string, before: readonly CliArgument[], after: readonly CliArgument[]): ApiChange[] {
  const texts = { before: before.map(printArgument).join(" "), after: after.map(printArgument).join(" ") };
  const changes = after.flatMap((argument, index) => {
    const verdict = judgeArgument(before[index], argument);
    return verdict === undefined ? [] : [make({ where: `${where} ${printArgument(argument)}`, ...texts, ...verdict })];
  });
  if (after.at(-1)?.isVariadic === true) return changes;
  const removed = before.slice(after.length).map((argument) => {
    const at = `${where} ${printArgument(argument)}`;
    return make({ where: at, change: "removed", ...texts, bump: "major", reason: "The argument is refused now." });
  });
  return [...changes, ...removed];
}

type Verdict = Pick<ApiChange, "change" | "bump" | "reason">;

function judgeArgument(before: CliArgument | undefined, after: CliArgument): Verdict | undefined {
  if (after.isRequired && before?.isRequired !== true) {
    return { change: "narrowed", bump: "major", reason: "The argument must be given now." };
  }
  if (before === undefined) return { change: "added", bump: "minor", reason: "Another argument can be given." };
  if (before.isVariadic && !after.isVariadic) {
    return { change: "narrowed", bump: "major", reason: "Only one value can be given." };
  }
  if (before.isRequired && !after.isRequired) {
    return { change: "widened", bump: "minor", reason: "The argument can be left out." };
  }
  if (before.isVariadic === after.isVariadic) return undefined;
  return { change: "widened", bump: "minor", reason: "More than one value can be given." };
}

function print({ names, value, isRequired }: CliOption): string {
  const placeholder = { none: "", optional: " [value]", required: " <value>" }[value];
  return `${names.join(", ")}${placeholder}${isRequired ? " (required)" : ""}`;
}

function printArgument({ name, isRequired, isVariadic }: CliArgument): string {
  const text = `${name}${isVariadic ? "..." : ""}`;
  return isRequired ? `<${text}>` : `[${text}]`;
}

function make(change: Omit<ApiChange, "kind">): ApiChange {
  return { kind: "cli", ...change };
}
