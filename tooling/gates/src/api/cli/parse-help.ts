import type { CliArgument, CliOption, ParsedHelp } from "./cli-surface.ts";

/**
 * Reads the help of a command in the form that commander, yargs, cac and their like print: a usage line, and sections
 * of options and commands whose entries are indented. `path` is the program and the words that lead to the command.
 */
export function parseHelp(text: string, path: readonly string[]): ParsedHelp {
  const sections = splitSections(text);
  const entries = (title: RegExp): string[] =>
    sections.filter((section) => title.test(section.title)).flatMap(({ lines }) => entriesOf(lines));
  const usage = sections.find(({ title }) => /^usage$/i.test(title))?.lines.join(" ") ?? "";
  const demanded = requiredFlags(usage);
  const options = entries(/options?|flags?/i).flatMap((entry) => parseOption(entry, demanded));
  const commands = entries(/commands?$/i).flatMap((entry) => parseCommand(entry, path));
  return { arguments: parseArguments(usage, path), options, commands };
}

interface Section {
  title: string;
  lines: string[];
}

/** A section begins with a line that is not indented and has a colon: `Options:`, `Usage: hxp [options]`. */
function splitSections(text: string): Section[] {
  const sections: Section[] = [];
  for (const line of text.replaceAll("\t", "  ").split(/\r?\n/)) {
    const [, title, rest = ""] = /^([A-Za-z][A-Za-z ]{0,40}):\s*(.*)$/.exec(line) ?? [];
    if (title !== undefined) sections.push({ title, lines: rest === "" ? [] : [rest] });
    else if (line.trim() !== "") sections.at(-1)?.lines.push(line);
  }
  return sections;
}

/** Entries of a section, each with the lines of its description that follow; all begin where the first one does. */
function entriesOf(lines: readonly string[]): string[] {
  const indent = Math.min(...lines.filter((line) => /^\s/.test(line)).map(indentOf));
  const entries: string[] = [];
  for (const line of lines.filter((text) => /^\s/.test(text))) {
    const isEntry = indentOf(line) === indent || (line.trimStart().startsWith("-") && indentOf(line) <= indent + 4);
    if (isEntry) entries.push(line.trim());
    else if (entries.length > 0) entries.push(`${entries.pop() ?? ""}  ${line.trim()}`);
  }
  return entries;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function parseOption(entry: string, demanded: ReadonlySet<string>): CliOption[] {
  if (!entry.startsWith("-")) return [];
  const [spec = "", ...description] = entry.split(/\s{2,}/);
  const rest = description.join(" ");
  const names = [...spec.matchAll(/(?:^|[\s,|/])(--?(?:\[no-\])?[A-Za-z0-9?][\w.:-]*)/g)].map(([, name]) => name ?? "");
  const spelled = names.flatMap((name) =>
    name.includes("[no-]") ? [name.replace("[no-]", ""), name.replace("[no-]", "no-")] : [name],
  );
  const isTyped = /\[(number|string|array|count)\]/.test(rest);
  const value =
    /<[^>]+>|=[A-Z]/.test(spec) || isTyped
      ? "required"
      : /\[[^\]]+\]/.test(spec.replace("[no-]", ""))
        ? "optional"
        : "none";
  const isRequired = /[[(]required[\])]/i.test(rest) || spelled.some((name) => demanded.has(name));
  return [{ names: spelled.toSorted((a, b) => b.length - a.length), value, isRequired }];
}

function parseCommand(entry: string, path: readonly string[]): ParsedHelp["commands"] {
  const [spec = "", ...description] = entry.split(/\s{2,}/);
  const words = spec.split(/\s+/);
  const own = path.every((word, index) => words[index] === word) ? words.slice(path.length) : words;
  const names = own
    .filter((word) => /^[\w|,:.-]+$/.test(word) && !word.startsWith("-"))
    .flatMap((word) => word.split(/[|,]/));
  const [name, ...others] = names.filter((word) => word !== "");
  const [, listed = ""] = /\[aliases?: ([^\]]+)\]/.exec(description.join(" ")) ?? [];
  const aliases = [...others, ...listed.split(/,\s*/)].filter((word) => word !== "");
  return name === undefined || name === "help" ? [] : [{ name, aliases: aliases.toSorted() }];
}

/** Arguments in the usage line, without flags and the words that stand for flags and commands. */
function parseArguments(usage: string, path: readonly string[]): CliArgument[] {
  const rest = withoutFlags(usage).replace(path.join(" "), "");
  const found = [...rest.matchAll(/<([^<>]+)>|\[([^[\]]+)\]/g)];
  return found.flatMap(([, required, optional]): CliArgument[] => {
    const text = required ?? optional ?? "";
    const name = text.replaceAll(/[.…]|^--\s*/g, "").trim();
    if (/^(options?|flags?|commands?|subcommands?)$/i.test(name) || name === "") return [];
    return [{ name, isRequired: required !== undefined, isVariadic: /\.\.\.|…/.test(text) }];
  });
}

function withoutFlags(usage: string): string {
  return usage.replaceAll(/\[-[^[\]]*(?:\[[^[\]]*\][^[\]]*)*\]/g, "").replaceAll(/--?[\w-]+([= ]<[^>]+>)?/g, "");
}

/** Flags that a usage line has outside brackets. */
function requiredFlags(usage: string): Set<string> {
  const outside = usage.replaceAll(/\[[^[\]]*(?:\[[^[\]]*\][^[\]]*)*\]/g, "");
  return new Set([...outside.matchAll(/(?:^|\s)(--?[A-Za-z][\w-]*)/g)].map(([, name]) => name ?? ""));
}
