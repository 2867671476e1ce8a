import { execa } from "execa";
import type { ApiPolicy } from "../../policy/api-policy.ts";
import type { CliCommand, CliSurface } from "./cli-surface.ts";
import { parseHelp } from "./parse-help.ts";

/** How a program is started. */
export interface Program {
  name: string;
  /** The words of a command, to which arguments are added. */
  command: readonly string[];
  /** An empty folder to start it in, which is its home, too. */
  folder: string;
  /** Environment without credentials. */
  env: NodeJS.ProcessEnv;
  policy: ApiPolicy["cli"];
  signal?: AbortSignal | undefined;
}

/** The commands of a program, or why they cannot be known. */
export type ReadCliResult = { surface: CliSurface } | { problem: string };

const atATime = 4;

/** Asks a program and each of its commands for `--help`. */
export async function readCli(program: Program): Promise<ReadCliResult> {
  const commands = new Map<string, CliCommand>();
  let open: Open[] = [{ words: [], aliases: [] }];
  try {
    while (open.length > 0) {
      const [now, later] = [open.slice(0, atATime), open.slice(atATime)];
      // oxlint-disable-next-line no-await-in-loop -- commands are found in the help of their parents
      const found = await Promise.all(now.map((entry) => readCommand(program, entry)));
      for (const { words, command } of found) commands.set(words.join(" "), command);
      open = [...later, ...found.flatMap(({ inner }) => inner)].filter(({ words }) => !commands.has(words.join(" ")));
      if (commands.size + open.length > program.policy.maxCommands) {
        return {
          problem: `${program.name} has more than ${program.policy.maxCommands} commands (policy api.cli.maxCommands).`,
        };
      }
    }
  } catch (error) {
    program.signal?.throwIfAborted();
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { problem: line };
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

async function readCommand(program: Program, { words, aliases }: Open): Promise<Answer> {
  const { stdout, stderr } = await runHelp(program, words);
  const text = stdout.trim() === "" ? stderr : stdout;
  if (text.trim() === "") throw new Error(`\`${[program.name, ...words].join(" ")} --help\` prints nothing.`);
  const help = parseHelp(text, [program.name, ...words]);
  const inner = help.commands.map(({ name, aliases: others }) => ({ words: [...words, name], aliases: others }));
  return { words, command: { aliases, arguments: help.arguments, options: help.options }, inner };
}

function runHelp({ command, folder, env, policy, signal }: Program, words: readonly string[]) {
  const [file = "", ...rest] = command;
  return execa(file, [...rest, ...words, "--help"], {
    cwd: folder,
    env: { ...env, HOME: folder, NO_COLOR: "1", COLUMNS: "200", CI: "true" },
    extendEnv: false,
    stdin: "ignore",
    timeout: policy.timeoutSeconds * 1000,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
}
