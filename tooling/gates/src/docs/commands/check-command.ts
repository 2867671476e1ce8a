import { posix } from "node:path";
import { parseShell, type ShellCommand, type ShellWord } from "../shell/parse-shell.ts";
import type { ReadHelp } from "../read-help.ts";
import type { WorkspaceProgram, WorkspacePrograms } from "../workspace-programs.ts";
import type { WorkspaceTree } from "../workspace-tree.ts";
import { checkProgram, type CommandVerdict } from "./check-program.ts";
import { type Unwrapped, unwrapCommand } from "./unwrap-command.ts";

/** What commands of a document are compared with. */
export interface CommandPlace {
  workspace: string;
  /** Folder of the document, relative to the workspace. */
  folder: string;
  tree: WorkspaceTree;
  programs: WorkspacePrograms;
  readHelp: ReadHelp;
  /** Test files of the workspace, relative to it. */
  listTests: () => Promise<readonly string[]>;
}

const maximumDepth = 4;

const generatedFolders = new Set(["node_modules", "dist", "build", "coverage", "target"]);

/** Says whether a command of a document can be typed: its script, program, subcommands, flags and files exist. It is not run. */
export async function checkCommand({ words }: ShellCommand, place: CommandPlace): Promise<CommandVerdict> {
  const verdict = await judge(words, place, 0);
  const paths = await checkPaths(words, place);
  const unknown = paths.length > 0 || verdict.problems.length > 0 ? undefined : verdict.unknown;
  return { problems: [...verdict.problems, ...paths], ...(unknown === undefined ? {} : { unknown }) };
}

async function judge(words: readonly ShellWord[], place: CommandPlace, depth: number): Promise<CommandVerdict> {
  const command = unwrapCommand(words);
  const { programs } = place;
  if (command.kind === "builtin") return { problems: [] };
  if (command.kind === "install") return checkInstall(command.packages, place);
  if (command.kind === "script") return checkScript(command, { place, depth, words });
  if (command.kind === "file") {
    const program = findSource(command.file, place);
    if (program !== undefined) return checkWorkspaceProgram(program, command.args, place);
    return { problems: [], unknown: textOf(words) };
  }
  if (command.kind === "unknown") return { problems: [], unknown: textOf(words) };
  const program = programs.programs.get(command.name) ?? programs.packages.get(command.name);
  if (program !== undefined) return checkWorkspaceProgram(program, command.args, place);
  if (command.isPackage) return checkNpxName(command.name, words, place);
  if (command.name === "vitest") return checkTests(command.args, place);
  return { problems: [], unknown: textOf(words) };
}

function checkWorkspaceProgram(
  { name, file }: WorkspaceProgram,
  args: readonly ShellWord[],
  { workspace, readHelp }: CommandPlace,
): Promise<CommandVerdict> {
  return checkProgram({ called: name, file: posix.join(workspace, file), readHelp }, args);
}

/** A script is known by its name; what comes after it goes to the program that it ends with. */
async function checkScript(
  { name, args, isRoot, isExplicit }: Extract<Unwrapped, { kind: "script" }>,
  { place, depth, words }: { place: CommandPlace; depth: number; words: readonly ShellWord[] },
): Promise<CommandVerdict> {
  const { scripts, packageScripts, programs } = place.programs;
  const body = scripts.get(name);
  if (!isRoot && packageScripts.has(name)) return { problems: [] };
  if (body === undefined) {
    const program = programs.get(name);
    if (!isExplicit && program !== undefined) return checkWorkspaceProgram(program, args, place);
    if (!isExplicit && (await place.tree.kindOf(`node_modules/.bin/${name}`)) !== undefined) {
      return { problems: [], unknown: textOf(words) };
    }
    const message = `There is no script ${name} in package.json.`;
    const fix = `Name one of its scripts: ${[...scripts.keys()].join(", ")}.`;
    return { problems: [{ rule: "script-unknown", message, fix }] };
  }
  const last = parseShell(body).commands.at(-1);
  if (args.length === 0 || last === undefined || depth > maximumDepth) return { problems: [] };
  const { problems, unknown } = await judge([...last.words, ...args], place, depth + 1);
  return { problems, ...(unknown === undefined ? {} : { unknown: textOf(words) }) };
}

/** A name in a scope of ours that we do not publish is a mistake, or somebody else's package. */
function checkInstall(names: readonly string[], { programs }: CommandPlace): CommandVerdict {
  const known = [...programs.packages.keys()];
  const scopes = new Set(known.flatMap((name) => /^@[^/]+\//.exec(name)?.[0] ?? []));
  const strangers = names.filter((name) => !known.includes(name));
  const unknown = strangers.filter((name) => !scopes.has(/^@[^/]+\//.exec(name)?.[0] ?? ""));
  return {
    problems: strangers
      .filter((name) => !unknown.includes(name))
      .map((name) => ({
        rule: "package-unknown",
        message: `No package of this workspace is published as ${name}.`,
        fix: `Name one of ${known.join(", ")}.`,
      })),
    ...(unknown.length > 0 ? { unknown: `packages of others: ${unknown.join(", ")}` } : {}),
  };
}

function checkNpxName(name: string, words: readonly ShellWord[], place: CommandPlace): CommandVerdict {
  if (!place.programs.packages.has(name)) {
    const { problems } = checkInstall([name], place);
    return problems.length > 0 ? { problems } : { problems, unknown: textOf(words) };
  }
  const message = `${name} has no program that npx could run by its name.`;
  return {
    problems: [{ rule: "package-unknown", message, fix: "Name the program: npx --package <package> <program>." }],
  };
}

/** Words after `vitest run` must be part of a test file's path, or nothing is run. */
async function checkTests(args: readonly ShellWord[], { listTests }: CommandPlace): Promise<CommandVerdict> {
  const [mode, ...rest] = args;
  const isMode = ["run", "watch", "dev", "related", "bench", "list"].includes(mode?.text ?? "");
  const words = isMode ? rest : args;
  const filters = words.filter(
    ({ text, isLiteral }, index) => isLiteral && !text.startsWith("-") && !isFlagBefore(words[index - 1]),
  );
  const tests = await listTests();
  const missing = filters.filter(({ text }) => !tests.some((path) => path.includes(text)));
  return {
    problems: missing.map(({ text }) => ({
      rule: "test-unknown",
      message: `No test file has ${text} in its path.`,
      fix: "Name a part of a path that a test file has.",
    })),
  };
}

function isFlagBefore(word: ShellWord | undefined): boolean {
  return word?.text.startsWith("-") === true && !word.text.includes("=");
}

/** A script may run a program from its source: same package, same name, another folder. */
function findSource(file: string, { programs, folder }: CommandPlace): WorkspaceProgram | undefined {
  const stem = posix.basename(file).replace(/\.[^.]+$/, "");
  const paths = [posix.normalize(file), posix.join(folder, file)];
  return [...programs.programs.values()].find(
    (program) =>
      paths.some((path) => path.startsWith(`${program.folder}/`)) &&
      posix.basename(program.file).replace(/\.[^.]+$/, "") === stem,
  );
}

/** A word that begins with a folder of the workspace names something in it. */
async function checkPaths(
  words: readonly ShellWord[],
  { folder, tree }: CommandPlace,
): Promise<CommandVerdict["problems"]> {
  const named = words.filter(
    ({ text, isLiteral }, index) =>
      isLiteral && /^(?:\.\/)?[\w.@-]+\/[\w./@+-]+$/.test(text) && !isFlagBefore(words[index - 1]),
  );
  const missing = named.map(async ({ text }) => ((await isMissing(text, folder, tree)) ? [text] : []));
  return (await Promise.all(missing)).flat().map((text) => ({
    rule: "path-missing",
    message: `There is no ${text}.`,
    fix: "Correct the path.",
  }));
}

/** What begins with no folder that is here is about some other place, and what is generated may not be here yet. */
async function isMissing(path: string, folder: string, tree: WorkspaceTree): Promise<boolean> {
  const [top = ""] = posix.normalize(path).split("/");
  if (generatedFolders.has(top)) return false;
  const bases = folder === "." ? ["."] : [".", folder];
  const found = await Promise.all(bases.map((base) => tree.kindOf(posix.join(base, path))));
  if (found.some((kind) => kind !== undefined)) return false;
  const tops = await Promise.all(bases.map((base) => tree.kindOf(posix.join(base, top))));
  return tops.includes("folder");
}

function textOf(words: readonly ShellWord[]): string {
  const text = words.map((word) => word.text).join(" ");
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
