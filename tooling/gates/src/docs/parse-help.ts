/** What a program says of itself, or of one of its subcommands. */
export interface ProgramHelp {
  commands: ReadonlySet<string>;
  /** Flags as they are typed, with whether the next word belongs to them. */
  flags: ReadonlyMap<string, boolean>;
  /** Whether it takes words that are no subcommands; undefined where it does not say how it is used. */
  takesArguments: boolean | undefined;
}

/** Reads a help text as commander, yargs, cac, oclif and their like print it. */
export function parseHelp(text: string): ProgramHelp {
  const lines = text.split("\n");
  const usage = readUsage(lines);
  // yargs has the words that lead to a command before each, as on its first line, which need not say `Usage`.
  const lead = (usage ?? lines.find((line) => line.trim() !== "") ?? "")
    .replace(/^\$\s*/, "")
    .trim()
    .split(/\s+/);
  return {
    commands: new Set(
      lines.flatMap((line, index) => (isCommandsHeading(line) ? readCommands(lines, index, lead) : [])),
    ),
    flags: new Map<string, boolean>([["--help", false], ["-h", false], ...lines.flatMap(readFlags)]),
    takesArguments: usage === undefined ? undefined : /<[^>]+>|\[[^\]-][^\]]*\]|\.\.\./.test(withoutCommonParts(usage)),
  };
}

/** The text after `Usage:`, with the lines that go on. */
function readUsage(lines: readonly string[]): string | undefined {
  const start = lines.findIndex((line) => /^\s*usage\b:?/i.test(line));
  if (start === -1) return undefined;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => !/^\s+\S/.test(line));
  const first = (lines[start] ?? "").replace(/^\s*usage\b:?\s*/i, "");
  return [first, ...rest.slice(0, end === -1 ? undefined : end)].join(" ").trim();
}

/** What stands for flags and subcommands is no argument. */
function withoutCommonParts(usage: string): string {
  return usage
    .replaceAll(/[[<](?:global )?(?:options|flags|command|subcommand|commands)[\]>](?:\.\.\.)?/gi, "")
    .replaceAll(/\[-[^\]]*\]/g, "");
}

function isCommandsHeading(line: string): boolean {
  return /^\s*(?:[\w-]+ ){0,2}(?:sub)?commands:?\s*$/i.test(line);
}

/** The lines below a heading that are indented least; what wraps is indented more. */
function readCommands(lines: readonly string[], heading: number, lead: readonly string[]): string[] {
  const below = lines.slice(heading + 1);
  const end = below.findIndex((line, index) => (line.trim() === "" && index > 0) || /^\S/.test(line));
  const section = below.slice(0, end === -1 ? undefined : end).filter((line) => line.trim() !== "");
  const indent = Math.min(...section.map((line) => line.search(/\S/)));
  return section
    .filter((line) => line.search(/\S/) === indent)
    .flatMap((line) => {
      const [head = ""] = line.trim().split(/ {2,}|\t/);
      const words = head.split(/[\s,|]+/).filter((word) => /^[a-z][\w:.-]*$/i.test(word));
      const start = words.findIndex((word, index) => word !== lead[index]);
      const own = start === -1 ? [] : words.slice(start);
      // After the name come aliases, joined by `|` or `,`; arguments are in brackets.
      return head.includes("|") || head.includes(",") ? own : own.slice(0, 1);
    });
}

/** What is indented further goes on with a description, in which a flag may be named. */
function readFlags(line: string): [string, boolean][] {
  if (!/^\s{1,10}-/.test(line)) return [];
  const [head = ""] = line.trim().split(/ {2,}|\t/);
  const takesValue = /[<=]|\s\[|\s[A-Z]{2,}/.test(head.replaceAll("[no-]", ""));
  return [...head.matchAll(/(?<![\w-])--?(?:\[no-\])?[A-Za-z0-9?][\w.-]*/g)].flatMap(([flag]): [string, boolean][] => {
    if (!flag.includes("[no-]")) return [[flag, takesValue]];
    return [
      [flag.replace("[no-]", ""), takesValue],
      [flag.replace("[no-]", "no-"), false],
    ];
  });
}
