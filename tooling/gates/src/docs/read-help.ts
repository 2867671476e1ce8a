import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/** What a program says of itself, or of one of its subcommands. */
export interface ProgramHelp {
  commands: ReadonlySet<string>;
  /** Flags as they are typed, with whether the next word belongs to them. */
  flags: ReadonlyMap<string, boolean>;
  /** Whether it takes words that are no subcommands; undefined where it does not say how it is used. */
  takesArguments: boolean | undefined;
}

/** Asks a program for the help of a subcommand, by its words; undefined where it gives none. */
export type ReadHelp = (file: string, path: readonly string[]) => Promise<ProgramHelp | undefined>;

/** How programs are started. */
export interface HelpOptions {
  env: NodeJS.ProcessEnv;
  /** An empty folder: a program that does more than asked does it there. */
  cwd: string;
  signal?: AbortSignal | undefined;
}

const timeoutMs = 30_000;

/** Runs programs with `--help`, each way of asking once, few at a time. */
export function createHelpReader({ env, cwd, signal }: HelpOptions): ReadHelp {
  const known = new Map<string, Promise<ProgramHelp | undefined>>();
  const acquire = createSemaphore(availableParallelism());
  const run = async (file: string, path: readonly string[]): Promise<ProgramHelp | undefined> => {
    if (!existsSync(file)) return undefined;
    const release = await acquire();
    try {
      signal?.throwIfAborted();
      const { stdout, stderr, exitCode } = await execa(process.execPath, [file, ...path, "--help"], {
        cwd,
        env: { ...env, NO_COLOR: "1", FORCE_COLOR: "0", COLUMNS: "200", NODE_COMPILE_CACHE: join(cwd, ".compiled") },
        extendEnv: false,
        stdin: "ignore",
        reject: false,
        timeout: timeoutMs,
        ...(signal === undefined ? {} : { cancelSignal: signal }),
      });
      const text = stdout.trim() === "" ? stderr : stdout;
      return exitCode === 0 && text.trim() !== "" ? parseHelp(text) : undefined;
    } finally {
      release();
    }
  };
  return (file, path) => {
    const key = JSON.stringify([file, path]);
    const result = known.get(key) ?? run(file, path);
    known.set(key, result);
    return result;
  };
}

/** Reads a help text as commander, yargs, cac, oclif and their like print it. */
export function parseHelp(text: string): ProgramHelp {
  const lines = text.split("\n");
  const usage = readUsage(lines);
  const program = usage === undefined ? undefined : /^\$?\s*(\S+)/.exec(usage)?.[1];
  return {
    commands: new Set(
      lines.flatMap((line, index) => (isCommandsHeading(line) ? readCommands(lines, index, program) : [])),
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
function readCommands(lines: readonly string[], heading: number, program: string | undefined): string[] {
  const below = lines.slice(heading + 1);
  const end = below.findIndex((line, index) => (line.trim() === "" && index > 0) || /^\S/.test(line));
  const section = below.slice(0, end === -1 ? undefined : end).filter((line) => line.trim() !== "");
  const indent = Math.min(...section.map((line) => line.search(/\S/)));
  return section
    .filter((line) => line.search(/\S/) === indent)
    .flatMap((line) => {
      const [head = ""] = line.trim().split(/ {2,}|\t/);
      const words = head.split(/[\s,|]+/).filter((word) => /^[a-z][\w:.-]*$/i.test(word));
      const own = words[0] === program ? words.slice(1) : words;
      // After the name come aliases, joined by `|` or `,`; arguments are in brackets.
      return head.includes("|") || head.includes(",") ? own : own.slice(0, 1);
    });
}

function readFlags(line: string): [string, boolean][] {
  if (!/^\s+-/.test(line)) return [];
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

function createSemaphore(size: number): () => Promise<() => void> {
  let free = size;
  const waiting: (() => void)[] = [];
  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return release;
  };
}
