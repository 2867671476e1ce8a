import type { ProgramHelp } from "../program-help.ts";
import type { DocumentProblem } from "../problem.ts";
import type { ReadHelp } from "../read-help.ts";
import type { ShellWord } from "../shell/parse-shell.ts";

/** What looking at a command came to; `unknown` says what nobody could tell. */
export interface CommandVerdict {
  problems: Omit<DocumentProblem, "line">[];
  unknown?: string;
}

/** A program, how it is called in the document, and how it tells its help. */
export interface CalledProgram {
  /** As it is typed, such as `npx hxp`. */
  called: string;
  /** Absolute path. */
  file: string;
  readHelp: ReadHelp;
}

interface Walk {
  path: string[];
  /** The program's own help, and that of each subcommand on the way that had to be asked for. */
  helps: ProgramHelp[];
  /** Help of the path; undefined until a word or flag behind it needs it. */
  help: ProgramHelp | undefined;
  flags: string[];
  problems: Omit<DocumentProblem, "line">[];
  /** Whether words are still understood. */
  isOpen: boolean;
  unknown?: string;
}

/** Compares the words and flags of a command with what the program's own help has, down to the last subcommand. */
export async function checkProgram(program: CalledProgram, args: readonly ShellWord[]): Promise<CommandVerdict> {
  const walk: Walk = { path: [], helps: [], help: undefined, flags: [], problems: [], isOpen: true };
  await askForHelp(walk, program);
  let isValue = false;
  for (const word of args) {
    // oxlint-disable-next-line no-await-in-loop -- what a word means depends on those before
    if (word.text === "--" || !(await askForHelp(walk, program))) break;
    if (isValue && !(word.isLiteral && word.text.startsWith("-"))) isValue = false;
    else if (word.text.startsWith("-") && word.text !== "-") isValue = takeFlag(walk, word);
    else takeWord(walk, word, program);
  }
  const unknownFlags = walk.flags.filter((flag) => !walk.helps.some(({ flags }) => hasFlag(flags, flag)));
  const problems = [...walk.problems, ...unknownFlags.map((flag) => flagUnknown(flag, walk, program))];
  return { problems, ...(walk.unknown === undefined || problems.length > 0 ? {} : { unknown: walk.unknown }) };
}

/** A program is started once for each subcommand that something is said of, and no more. */
async function askForHelp(walk: Walk, program: CalledProgram): Promise<boolean> {
  if (!walk.isOpen || walk.help !== undefined) return walk.isOpen;
  walk.help = await program.readHelp(program.file, walk.path);
  if (walk.help !== undefined) walk.helps.push(walk.help);
  else walk.unknown = `${nameOf(program, walk)} tells no help`;
  walk.isOpen = walk.help !== undefined;
  return walk.isOpen;
}

/** Whether the next word belongs to the flag. */
function takeFlag(walk: Walk, { text }: ShellWord): boolean {
  const [flag = text] = text.split("=");
  walk.flags.push(flag);
  return !text.includes("=") && walk.helps.some(({ flags }) => flags.get(flag) === true);
}

function takeWord(walk: Walk, { text, isLiteral }: ShellWord, program: CalledProgram): void {
  const { commands, takesArguments } = walk.help ?? { commands: new Set<string>(), takesArguments: undefined };
  if (isLiteral && commands.has(text)) {
    walk.path = [...walk.path, text];
    walk.help = undefined;
    return;
  }
  if (takesArguments !== false || !isLiteral) return;
  const where = nameOf(program, walk);
  const known = [...commands].filter((command) => command !== "help");
  if (known.length > 0) {
    const message = `${where} has no subcommand ${text}; it has ${known.join(", ")}.`;
    walk.problems.push({ rule: "subcommand-unknown", message, fix: `Write one that ${where} --help lists.` });
  } else {
    const message = `${where} takes no argument, and is given ${text}.`;
    walk.problems.push({ rule: "argument-unexpected", message, fix: `Write it as ${where} --help says.` });
  }
  walk.isOpen = false;
}

/** `-abc` is `-a -b -c`. */
function hasFlag(flags: ProgramHelp["flags"], flag: string): boolean {
  if (flags.has(flag)) return true;
  if (!/^-[A-Za-z]{2,}$/.test(flag)) return false;
  const letters = flag.slice(1).split("");
  return letters.every((letter) => flags.has(`-${letter}`)) || flags.get(flag.slice(0, 2)) === true;
}

function flagUnknown(flag: string, walk: Walk, program: CalledProgram): Omit<DocumentProblem, "line"> {
  const where = nameOf(program, walk);
  return {
    rule: "flag-unknown",
    message: `${where} has no flag ${flag}.`,
    fix: `Write one that ${where} --help lists.`,
  };
}

function nameOf({ called }: CalledProgram, { path }: Walk): string {
  return [called, ...path].join(" ");
}
