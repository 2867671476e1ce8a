import type { ShellWord } from "../shell/parse-shell.ts";

/** What a command comes down to, behind package managers and prefixes. */
export type Unwrapped =
  /** A script of a package.json; `isRoot` where it must be the root's. */
  | { kind: "script"; name: string; args: ShellWord[]; isRoot: boolean; isExplicit: boolean }
  /** A program by its name; `npx` also takes the name of a package. */
  | { kind: "program"; name: string; args: ShellWord[]; isPackage: boolean }
  | { kind: "install"; packages: string[] }
  | { kind: "file"; file: string; args: ShellWord[] }
  /** A command of a package manager itself. */
  | { kind: "builtin" }
  | { kind: "unknown" };

const prefixes = new Set(["sudo", "env", "exec", "nohup", "command"]);
const installs = new Set(["install", "i", "add"]);
const scriptShortcuts = new Set(["test", "t", "start", "stop", "restart"]);
const executors = new Set(["exec", "x", "dlx", "bunx"]);

/** Words that pnpm 12 and npm 12 take as commands of their own. */
const builtins = new Set(
  `access adduser approve-builds audit bin bugs c cache cat-file cat-index change ci clean-install completion config create
  dedupe deploy deprecate diff dist-tag docs doctor edit env explain fetch find-dupes find-hash fund get help hook
  ignored-builds import info init install-test it la licenses link list ll ln login logout ls org outdated owner pack patch
  patch-commit patch-remove ping pkg prefix profile prune publish query rb rebuild recursive remove repo rm root runtime
  sbom search self-update server set setup shrinkwrap stage star stars store team token trust un undeprecate uninstall
  unlink unpublish up update upgrade v version view whoami why`.split(/\s+/),
);

/** Flags of package managers whose value is the next word. */
const flagsWithValue = new Set([
  "-C",
  "--dir",
  "--prefix",
  "-F",
  "--filter",
  "-w",
  "--workspace",
  "-p",
  "--package",
  "--registry",
  "--store-dir",
]);

/** Flags that run a script in packages other than the root. */
const elsewhereFlags = new Set([
  "-C",
  "--dir",
  "--prefix",
  "-F",
  "--filter",
  "-r",
  "--recursive",
  "--workspace",
  "--workspaces",
  "-ws",
]);

/** Finds what a command runs: through `sudo`, `npx -y pnpm@12`, `pnpm exec` and their like. */
export function unwrapCommand(words: readonly ShellWord[]): Unwrapped {
  const [first, ...rest] = words;
  if (first?.isLiteral !== true) return { kind: "unknown" };
  if (prefixes.has(first.text)) return unwrapCommand(withoutOptions(rest).words.filter(isNoAssignment));
  const name = first.text.replace(/^(pnpm|npm|yarn)@[\w.^~-]+$/, "$1");
  if (name === "npx" || name === "bunx" || name === "pnpx") return unwrapTarget(rest);
  if (name === "pnpm" || name === "npm" || name === "yarn") return unwrapManager(name, rest);
  if (name === "node") return unwrapNode(rest);
  if (name.includes("/")) return { kind: "file", file: name, args: rest };
  return { kind: "program", name, args: rest, isPackage: false };
}

function unwrapTarget(words: readonly ShellWord[]): Unwrapped {
  const [target, ...args] = withoutOptions(words).words.filter(({ text }) => text !== "--");
  if (target?.isLiteral !== true) return { kind: "unknown" };
  if (/^(?:pnpm|npm|yarn)(?:@|$)/.test(target.text)) return unwrapCommand([target, ...args]);
  return { kind: "program", name: withoutVersion(target.text), args, isPackage: true };
}

function unwrapManager(manager: string, words: readonly ShellWord[]): Unwrapped {
  const { words: rest, flags } = withoutOptions(words);
  const [command, ...args] = rest;
  if (command === undefined) return { kind: "builtin" };
  if (!command.isLiteral) return { kind: "unknown" };
  const isRoot = !flags.some((flag) => elsewhereFlags.has(flag));
  const { text } = command;
  if (text === "run" || text === "run-script") return unwrapScript(withoutOptions(args).words, isRoot, true);
  if (scriptShortcuts.has(text))
    return unwrapScript([{ ...command, text: text === "t" ? "test" : text }, ...args], isRoot, true);
  if (executors.has(text)) return unwrapTarget(args);
  if (installs.has(text)) return { kind: "install", packages: literals(withoutOptions(args).words) };
  if (builtins.has(text)) return { kind: "builtin" };
  // npm runs no script by its name alone.
  return manager === "npm" ? { kind: "unknown" } : unwrapScript(rest, isRoot, false);
}

function unwrapScript(words: readonly ShellWord[], isRoot: boolean, isExplicit: boolean): Unwrapped {
  const [name, ...args] = words;
  if (name === undefined) return { kind: "builtin" };
  if (!name.isLiteral) return { kind: "unknown" };
  const [separator, ...behind] = args;
  return { kind: "script", name: name.text, args: separator?.text === "--" ? behind : args, isRoot, isExplicit };
}

function unwrapNode(words: readonly ShellWord[]): Unwrapped {
  const start = words.findIndex(({ text }) => !text.startsWith("-"));
  const [file, ...args] = start === -1 ? [] : words.slice(start);
  const isCode = words.slice(0, Math.max(start, 0)).some(({ text }) => /^(?:-e|-p|--eval|--print|-pe)$/.test(text));
  if (file?.isLiteral !== true || isCode) return { kind: "unknown" };
  return { kind: "file", file: file.text, args };
}

/** Leaves out the flags before the first word that is none. */
function withoutOptions(words: readonly ShellWord[]): { words: ShellWord[]; flags: string[] } {
  const flags: string[] = [];
  let at = 0;
  for (let word = words[at]; word !== undefined && word.text.startsWith("-") && word.text !== "--"; word = words[at]) {
    flags.push(word.text.replace(/=.*$/, ""));
    at += flagsWithValue.has(word.text) ? 2 : 1;
  }
  return { words: words.slice(at), flags };
}

function isNoAssignment({ text }: ShellWord): boolean {
  return !/^\w+=/.test(text);
}

function literals(words: readonly ShellWord[]): string[] {
  return words
    .filter(({ isLiteral, text }) => isLiteral && !text.startsWith("-"))
    .map(({ text }) => withoutVersion(text));
}

/** A name without `@version` behind it. */
function withoutVersion(text: string): string {
  const at = text.indexOf("@", 1);
  return at === -1 ? text : text.slice(0, at);
}
