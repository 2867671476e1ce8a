/** A word of a command. */
export interface ShellWord {
  text: string;
  /** Whether the text is what the program gets: no variable, substitution, glob or placeholder is in it. */
  isLiteral: boolean;
}

/** A simple command: a program and its arguments, without redirections and assignments. */
export interface ShellCommand {
  words: ShellWord[];
  /** Line of its first word, from 0. */
  line: number;
}

/** What a text of commands holds; `problem` says why a shell would refuse it. */
export interface ParsedShell {
  commands: ShellCommand[];
  problem?: { line: number; message: string };
}

interface Scanner {
  text: string;
  at: number;
  commands: ShellCommand[];
  words: ShellWord[];
  word: ShellWord | undefined;
  /** Offset of the command's first word. */
  start: number;
  /** Whether the next word is where a redirection goes. */
  isTarget: boolean;
  heredocs: string[];
}

type Handler = (scanner: Scanner, match: RegExpExecArray) => void;

class Refusal extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const openers = new Set(["then", "else", "elif", "do", "if", "while", "until", "!", "{", "time"]);
const swallowers = new Set(["for", "case", "select", "function", "fi", "done", "esac", "}"]);

/** In the order in which they are tried at each place. */
const rules: readonly [RegExp, Handler][] = [
  [/\\\r?\n/y, () => {}],
  [/\\([\s\S])/y, (scanner, [, character = ""]) => append(scanner, character)],
  [/'([^']*)'/y, (scanner, [, quoted = ""]) => append(scanner, quoted)],
  [/'/y, (scanner) => refuse("a quote is not closed", scanner.at - 1)],
  [/"/y, readDoubleQuoted],
  [/\$\(|`/y, readSubstitution],
  [/\$(?:\{[^}]*\}|\w+|[?$!@*#-])/y, (scanner, [text]) => append(scanner, text, false)],
  [/#[^\n]*/y, readComment],
  [/<<-?[ \t]*(['"]?)(\w+)\1/y, (scanner, [, , end = ""]) => (finishWord(scanner), scanner.heredocs.push(end))],
  // `<name>` stands for something that the reader puts there.
  [/<[A-Za-z@](?:[^<>\n|&;]*[^<>\n|&;\s])?>/y, (scanner, [text]) => append(scanner, text, false)],
  [/&>>?|\d*(?:>>|>&|<&|<<<|>\||>|<)/y, (scanner) => (finishWord(scanner), (scanner.isTarget = true))],
  [/\n/y, (scanner) => (finishCommand(scanner), skipHeredocs(scanner))],
  [/&&|\|\||\|&|;;|[;|&()]/y, (scanner) => finishCommand(scanner)],
  [/[ \t\r]+/y, (scanner) => finishWord(scanner)],
  [/[^\s\\'"$`#<>|&;()]+/y, (scanner, [text]) => append(scanner, text, !/[*?[\]~{}…]/.test(text))],
  [/[\s\S]/y, (scanner, [text]) => append(scanner, text)],
];

/** Splits POSIX shell text into simple commands, those of substitutions included; it runs nothing. */
export function parseShell(text: string): ParsedShell {
  const scanner = scan(text);
  try {
    while (scanner.at < text.length) step(scanner);
    finishCommand(scanner);
    return { commands: scanner.commands };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { commands: scanner.commands, problem: { line: lineAt(text, error.offset), message: error.message } };
  }
}

function scan(text: string): Scanner {
  return { text, at: 0, commands: [], words: [], word: undefined, start: 0, isTarget: false, heredocs: [] };
}

function step(scanner: Scanner): void {
  for (const [pattern, handle] of rules) {
    pattern.lastIndex = scanner.at;
    const match = pattern.exec(scanner.text);
    if (match === null) continue;
    scanner.at = pattern.lastIndex;
    handle(scanner, match);
    return;
  }
}

function append(scanner: Scanner, text: string, isLiteral = true): void {
  if (scanner.word === undefined && scanner.words.length === 0) scanner.start = scanner.at - text.length;
  const { text: before = "", isLiteral: wasLiteral = true } = scanner.word ?? {};
  scanner.word = { text: before + text, isLiteral: wasLiteral && isLiteral };
}

function finishWord(scanner: Scanner): void {
  const { word } = scanner;
  if (word === undefined) return;
  scanner.word = undefined;
  if (scanner.isTarget) scanner.isTarget = false;
  else scanner.words.push(word);
}

function finishCommand(scanner: Scanner): void {
  finishWord(scanner);
  const words = withoutKeywords(scanner.words);
  if (words.length > 0) scanner.commands.push({ words, line: lineAt(scanner.text, scanner.start) });
  scanner.words = [];
  scanner.isTarget = false;
}

function withoutKeywords(words: readonly ShellWord[]): ShellWord[] {
  const isDropped = ({ text }: ShellWord): boolean => openers.has(text) || /^\w+=/.test(text);
  const start = words.findIndex((word) => !isDropped(word));
  if (start === -1 || swallowers.has(words[start]?.text ?? "")) return [];
  return words.slice(start);
}

/** `#` begins a comment only where a word would begin. */
function readComment(scanner: Scanner, [text]: RegExpExecArray): void {
  if (scanner.word === undefined) return;
  scanner.at -= text.length - 1;
  append(scanner, "#");
}

function readDoubleQuoted(scanner: Scanner): void {
  const opened = scanner.at - 1;
  append(scanner, "");
  while (scanner.text[scanner.at] !== '"') {
    const rest = scanner.text.slice(scanner.at);
    if (rest === "") refuse("a quote is not closed", opened);
    const [substitution] = /^(?:\$\(|`)/.exec(rest) ?? [];
    const [plain = rest.slice(0, 1)] = /^(?:\\[\s\S]|\$\{[^}]*\}|\$\w+|[^"\\$`]+)/.exec(rest) ?? [];
    scanner.at += (substitution ?? plain).length;
    if (substitution !== undefined) readSubstitution(scanner, [substitution] as unknown as RegExpExecArray);
    else append(scanner, plain.replace(/^\\(["\\$`])$/, "$1"), !/^\$[\w{]/.test(plain) && !plain.includes("…"));
  }
  scanner.at += 1;
}

/** The commands of a substitution are commands, too; its result is not known. */
function readSubstitution(scanner: Scanner, [opener]: RegExpExecArray | [string]): void {
  const { text, at } = scanner;
  const end = opener === "`" ? text.indexOf("`", at) : findClosing(text, at);
  if (end === -1) refuse("a substitution is not closed", at - opener.length);
  const inner = parseShell(text.slice(at, end));
  const line = lineAt(text, at);
  scanner.commands.push(...inner.commands.map((command) => ({ ...command, line: command.line + line })));
  if (inner.problem !== undefined) refuse(inner.problem.message, at);
  scanner.at = end + 1;
  append(scanner, text.slice(at - opener.length, end + 1), false);
}

function findClosing(text: string, from: number): number {
  let depth = 1;
  const pattern = /\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|[()]/g;
  pattern.lastIndex = from;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[0] === "(") depth += 1;
    else if (match[0] === ")") depth -= 1;
    if (depth === 0) return match.index;
  }
  return -1;
}

function skipHeredocs(scanner: Scanner): void {
  for (const end of scanner.heredocs.splice(0)) {
    const pattern = new RegExp(String.raw`^[ \t]*${end}[ \t]*$`, "m");
    const match = pattern.exec(scanner.text.slice(scanner.at));
    if (match === null) refuse(`the text up to ${end} does not end`, scanner.at);
    else scanner.at += match.index + match[0].length;
  }
}

function refuse(message: string, offset: number): never {
  throw new Refusal(message, offset);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length - 1;
}
