import { askForHelp, type HelpOptions } from "../../help/ask-for-help.ts";
import { type ParsedHelp, parseHelp } from "../../help/parse-help.ts";
import type { CliCommand, CliSurface } from "./cli-surface.ts";

/** How a program is started. */
export interface Program {
  name: string;
  /** Absolute path of its module. */
  file: string;
  /** Most commands that are asked. */
  maxCommands: number;
  help: HelpOptions;
}

/** The commands of a program, or why they cannot be known. */
export type ReadCliResult = { surface: CliSurface } | { problem: string };

const atATime = 4;

/** Asks a program and each of its commands for `--help`. */
export async function readCli(program: Program): Promise<ReadCliResult> {
  const commands = new Map<string, CliCommand>();
  let open: Open[] = [{ words: [], aliases: [] }];
  while (open.length > 0) {
    const [now, later] = [open.slice(0, atATime), open.slice(atATime)];
    // oxlint-disable-next-line no-await-in-loop -- commands are found in the help of their parents
    const answers = await Promise.all(now.map((entry) => readCommand(program, entry)));
    const failed = answers.find((answer) => "problem" in answer);
    if (failed !== undefined) return failed;
    const found = answers.flatMap((answer) => ("problem" in answer ? [] : [answer]));
    for (const { words, command } of found) commands.set(words.join(" "), command);
    open = [...later, ...found.flatMap(({ inner }) => inner)].filter(({ words }) => !commands.has(words.join(" ")));
    if (commands.size + open.length > program.maxCommands) {
      return { problem: `${program.name} has more than ${program.maxCommands} commands (policy api.cli.maxCommands).` };
    }
  }
  return { surface: Object.fromEntries([...commands].toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

interface Open {
  words: readonly string[];
  aliases: readonly string[];
}

interface Answer {
  words: readonly string[];
  command: CliCommand;
  inner: Open[];
}

async function readCommand(program: Program, { words, aliases }: Open): Promise<Answer | { problem: string }> {
  const { name, file, help: options } = program;
  const answer = await askForHelp(file, words, options);
  if ("problem" in answer)
    return { problem: `\`${[name, ...words].join(" ")} --help\` cannot be read: ${answer.problem}.` };
  const help = parseHelp(answer.text);
  // That tells what is known.
  const others = help.commands.filter((command) => command.name !== "help");
  const unread = whatIsUnread({ ...help, commands: others });
  if (unread !== undefined)
    return { problem: `The help of \`${[name, ...words].join(" ")}\` cannot be read: ${unread}.` };
  const inner = others.map((command) => ({ words: [...words, command.name], aliases: command.aliases }));
  return { words, command: { aliases, arguments: help.arguments, options: help.options }, inner };
}

/** A help in which nothing is found would pass for that of a program that takes nothing. */
function whatIsUnread({
  hasUsage,
  takesCommand,
  commands,
  options,
  arguments: values,
}: ParsedHelp): string | undefined {
  if (takesCommand && commands.length === 0) {
    return "its usage has a command, and no section whose heading ends with `Commands` names one";
  }
  const isEmpty = !hasUsage && commands.length + options.length + values.length === 0;
  return isEmpty ? "it has no usage, no section of options and none of commands" : undefined;
}
