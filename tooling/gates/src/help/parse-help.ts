/** A flag of a command. */
export interface CliOption {
  /** All its names, the long one first. */
  names: readonly string[];
  value: "none" | "optional" | "required";
  isRequired: boolean;
}

/** An argument of a command, by position. */
export interface CliArgument {
  name: string;
  isRequired: boolean;
  isVariadic: boolean;
}

/** What a program's help says about one command. */
export interface ParsedHelp {
  /** Whether it says how it is used. */
  hasUsage: boolean;
  /** Whether its usage, or its first line, has a `<command>`. */
  takesCommand: boolean;
  arguments: CliArgument[];
  options: CliOption[];
  commands: { name: string; aliases: string[] }[];
}

/**
 * Reads the help of a command in the form that commander, yargs, cac, argparse and their like print: a usage line, and
 * sections of options and commands whose entries are indented.
 */
export function parseHelp(text: string): ParsedHelp {
  const sections = splitSections(text);
  const usage = sections
    .find(({ title }) => /^usage$/i.test(title))
    ?.lines.filter((line) => !isFlag(line))
    .join(" ");
  const demanded = requiredFlags(usage ?? "");
  // yargs has the words that lead to a command before each, as on its first line, which need not say `Usage`.
  const first = text.split("\n").find((line) => line.trim() !== "");
  const use = usage ?? first ?? "";
  const lead = use
    .replace(/^\s*\$\s*/, "")
    .trim()
    .split(/\s+/);
  const options = sections.filter(({ title }) => !/^examples?$/i.test(title));
  const commands = sections.filter(({ title }) => /commands?$/i.test(title));
  return {
    hasUsage: usage !== undefined,
    takesCommand: /[<[](?:sub)?commands?(?:\.\.\.|…)?[\]>]/i.test(use),
    arguments: parseArguments(usage ?? ""),
    options: options.flatMap(({ lines }) => entriesOf(lines)).flatMap((entry) => parseOption(entry, demanded)),
    commands: commands.flatMap(({ lines }) => entriesOf(lines)).flatMap((entry) => parseCommand(entry, lead)),
  };
}

interface Section {
  title: string;
  lines: string[];
}

/**
 * A section begins with a line that is not indented and has a colon, `Options:`, `Usage: hxp [options]`, or with one of
 * these words alone; any other line that is not indented ends it.
 */
function splitSections(text: string): Section[] {
  const sections: Section[] = [{ title: "", lines: [] }];
  for (const line of text.replaceAll("\t", "  ").split(/\r?\n/)) {
    const [, title, rest = ""] =
      /^(?:(?=usage\b)|\s+(?=usage:))(usage):?\s*(.*)$/i.exec(line) ??
      /^\s*((?:[\w-]+ ){0,2}(?:(?:sub)?commands|options|flags)):?\s*$/i.exec(line) ??
      /^([A-Za-z][A-Za-z ]{0,40}):\s*(.*)$/.exec(line) ??
      [];
    if (title !== undefined) sections.push({ title, lines: rest === "" ? [] : [rest] });
    else if (/^\S/.test(line)) sections.push({ title: "", lines: [] });
    else if (line.trim() !== "") sections.at(-1)?.lines.push(line);
  }
  return sections;
}

function isFlag(line: string): boolean {
  return /^\s+-/.test(line);
}

/** Entries of a section, each with the lines of its description that follow; all begin where the first one does. */
function entriesOf(lines: readonly string[]): string[] {
  const indent = Math.min(...lines.filter((line) => /^\s/.test(line)).map(indentOf));
  const entries: string[] = [];
  for (const line of lines.filter((text) => /^\s/.test(text))) {
    const isEntry = indentOf(line) === indent || (isFlag(line) && indentOf(line) <= indent + 4);
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
  if (spelled.length === 0) return [];
  const isRequired = /[[(]required[\])]/i.test(rest) || spelled.some((name) => demanded.has(name));
  return [{ names: spelled.toSorted((a, b) => b.length - a.length), value: valueOf(spec, rest), isRequired }];
}

function valueOf(spec: string, description: string): CliOption["value"] {
  if (/<[^>]+>/.test(spec) || /\[(number|string|array|count)\]/.test(description)) return "required";
  if (/\[[^\]]+\]/.test(spec.replace("[no-]", ""))) return "optional";
  return /=|\s[A-Z]{2,}/.test(spec) ? "required" : "none";
}

/** After the name come aliases, joined by `|` or `,`; arguments are in brackets. */
function parseCommand(entry: string, lead: readonly string[]): ParsedHelp["commands"] {
  const [spec = "", ...description] = entry.split(/\s{2,}/);
  const words = spec.split(/\s+/);
  const start = words.findIndex((word, index) => word !== lead[index]?.replace(/:$/, ""));
  const own = start === -1 ? [] : words.slice(start);
  // What begins otherwise is a sentence, or only arguments.
  if (!/^[a-z]/.test(own[0] ?? "")) return [];
  const plain = own.filter((word) => /^[a-z][\w|,:.-]*$/.test(word));
  const names = (spec.includes(",") ? plain : plain.slice(0, 1)).flatMap((word) => word.split(/[|,]/));
  const [name, ...others] = names.filter((word) => word !== "");
  const [, listed = ""] = /\[aliases?: ([^\]]+)\]/.exec(description.join(" ")) ?? [];
  const aliases = [...others, ...listed.split(/,\s*/)].filter((word) => word !== "");
  return name === undefined ? [] : [{ name, aliases: aliases.toSorted() }];
}

/** Arguments in the usage line, without flags and the words that stand for flags and commands. */
function parseArguments(usage: string): CliArgument[] {
  const found = [...withoutFlags(usage).matchAll(/<([^<>]+)>|\[([^[\]]+)\]/g)];
  return found.flatMap(([, required, optional]): CliArgument[] => {
    const text = required ?? optional ?? "";
    const name = text.replaceAll(/[.…]|^--\s*/g, "").trim();
    if (/^(global )?(options?|flags?|commands?|subcommands?)$/i.test(name) || name === "") return [];
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
