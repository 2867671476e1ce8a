import { createHash } from "node:crypto";
import { glob } from "node:fs/promises";
import { posix } from "node:path";
import type typescriptModule from "typescript";
import type { GateInput, GatePackage } from "../gate.ts";
import { checkLink, type LinkPlace } from "./check-link.ts";
import { checkCommand, type CommandPlace } from "./commands/check-command.ts";
import type { DocumentDetails } from "./docs-gate.ts";
import type { DocumentFile } from "./list-documents.ts";
import type { DocumentBlock, ParsedDocument } from "./parse-document.ts";
import type { DocumentProblem } from "./problem.ts";
import { judgePublishedLinks } from "./published-files.ts";
import { createHelpReader } from "./read-help.ts";
import { parseShell } from "./shell/parse-shell.ts";
import { createImportChecker, type ImportChecker } from "./snippets/check-imports.ts";
import { checkSnippet, isSnippet } from "./snippets/check-snippet.ts";
import { checkTypes, type TypedSnippet, type TypeProblem } from "./snippets/check-types.ts";
import { openPackedFiles, type ReadPackedFiles } from "./snippets/packed-files.ts";
import { readWorkspacePrograms } from "./workspace-programs.ts";
import { openWorkspaceTree, type WorkspaceTree } from "./workspace-tree.ts";

/** A document with what is wrong in it. */
export interface CheckedDocument {
  owner?: GatePackage;
  /** `sha256:<hex>`. */
  digest: string;
  problems: DocumentProblem[];
  /** Snippets that can be compiled. */
  typed: TypedSnippet[];
  details: DocumentDetails;
}

interface Desk {
  tree: WorkspaceTree;
  readPacked: ReadPackedFiles;
  checkImports: ImportChecker;
  commands: Omit<CommandPlace, "folder">;
  /** Paths of files that snippets may be copies of, by their text. */
  examples: ReadonlyMap<string, string>;
  typescript: typeof typescriptModule;
}

interface Findings {
  problems: DocumentProblem[];
  unknown: { line: number; text: string }[];
}

const shells = new Set(["sh", "bash", "shell", "zsh", "console", "shell-session", "shellsession"]);
const transcripts = new Set(["console", "shell-session", "shellsession"]);
const exclusion = "no-check";

/** Checks the documents of a workspace. */
export interface DocumentChecker {
  check: (document: DocumentFile) => Promise<CheckedDocument>;
  /** Compiles the snippets of all documents at once. */
  compile: (snippets: readonly TypedSnippet[]) => Promise<TypeProblem[]>;
}

/** Reads once what all documents are compared with. */
export async function createDocumentChecker(input: GateInput): Promise<DocumentChecker> {
  const { workspace, packages } = input;
  const tree = openWorkspaceTree(workspace);
  const programs = await readWorkspacePrograms(workspace);
  // TypeScript takes a third of a second to load.
  const { default: typescript } = await import("typescript");
  const readPacked = openPackedFiles(packages);
  let tests: Promise<readonly string[]> | undefined;
  const listTests = (): Promise<readonly string[]> => (tests ??= listFiles(workspace, ["**/*.{test,spec}.*"]));
  const desk: Desk = {
    tree,
    readPacked,
    checkImports: createImportChecker({ typescript, readPacked, packages: programs.packages }),
    commands: {
      workspace,
      tree,
      programs,
      readHelp: createHelpReader(input),
      listTests,
    },
    examples: await readExamples(input, tree),
    typescript,
  };
  return {
    check: (document) => checkDocument(document, desk),
    compile: (snippets) => checkTypes(snippets, { packages, readPacked, workspace }),
  };
}

async function checkDocument({ path, owner }: DocumentFile, desk: Desk): Promise<CheckedDocument> {
  const [document, text] = await Promise.all([desk.tree.document(path), desk.tree.text(path)]);
  const blocks = document.blocks.filter(({ marks }) => !marks.includes(exclusion));
  const code = blocks.filter(({ language }) => !shells.has(language)).filter(isSnippet);
  const links = await checkLinks(document, await linkPlace(path, owner, desk));
  const commands = await checkCommands(blocks, { ...desk.commands, folder: posix.dirname(path) });
  const snippets = await checkSnippets(code, desk);
  const unnamed = blocks
    .filter(({ language }) => language === "")
    .map(({ line }) => ({ line, text: "a block that names no language" }));
  const unknown = [...commands.unknown, ...snippets.unknown, ...unnamed].toSorted((a, b) => a.line - b.line);
  return {
    ...(owner === undefined ? {} : { owner }),
    digest: `sha256:${createHash("sha256").update(text).digest("hex")}`,
    problems: [...links.problems, ...commands.problems, ...snippets.problems],
    typed: snippets.typed.map((one) => ({ ...one, document: path })),
    details: {
      path,
      links: document.links.length,
      external: links.external,
      commands: commands.count,
      snippets: code.length,
      excluded: document.blocks.length - blocks.length,
      copies: code.flatMap((block) => desk.examples.get(block.text.trim()) ?? []),
      unknown: unknown.map((one) => `line ${one.line}: ${one.text}`),
    },
  };
}

async function checkLinks(
  { links }: ParsedDocument,
  place: LinkPlace,
): Promise<{ problems: DocumentProblem[]; external: number }> {
  const verdicts = await Promise.all(links.map((link) => checkLink(link, place)));
  return {
    problems: verdicts.flatMap(({ problems }) => problems),
    external: verdicts.filter(({ isExternal }) => isExternal).length,
  };
}

/** The README of a package is read where the package is: on the registry's page, and below node_modules. */
async function linkPlace(path: string, owner: GatePackage | undefined, desk: Desk): Promise<LinkPlace> {
  const place = { document: path, tree: desk.tree };
  if (owner === undefined || posix.join(owner.folder, "readme.md") !== path.toLowerCase()) return place;
  const packed = await desk.readPacked(owner.name);
  const judge = packed === undefined ? undefined : judgePublishedLinks(owner, new Set(packed.keys()));
  return judge === undefined ? place : { ...place, whyUnpublished: judge };
}

async function checkCommands(
  blocks: readonly DocumentBlock[],
  place: CommandPlace,
): Promise<Findings & { count: number }> {
  const found: Findings & { count: number } = { problems: [], unknown: [], count: 0 };
  for (const block of blocks.filter(({ language }) => shells.has(language))) {
    const { commands, problem } = parseShell(withoutPrompts(block));
    if (problem !== undefined) {
      const fix = "Close it, or write `no-check` after the language if it is no command.";
      const message = `No shell takes this: ${problem.message}.`;
      found.problems.push({ rule: "command-malformed", line: block.line + problem.line, message, fix });
    }
    found.count += commands.length;
    // oxlint-disable-next-line no-await-in-loop -- blocks in their order
    const verdicts = await Promise.all(commands.map((command) => checkCommand(command, place)));
    for (const [index, { problems, unknown }] of verdicts.entries()) {
      const line = block.line + (commands[index]?.line ?? 0);
      found.problems.push(...problems.map((one) => ({ ...one, line })));
      if (unknown !== undefined) found.unknown.push({ line, text: unknown });
    }
  }
  return found;
}

/** In a transcript only lines after a prompt are typed; elsewhere a prompt is decoration. */
function withoutPrompts({ language, text }: DocumentBlock): string {
  const lines = text.split("\n");
  if (!transcripts.has(language)) return lines.map((line) => line.replace(/^\$ /, "  ")).join("\n");
  let isTyped = false;
  const typed = lines.map((line) => {
    isTyped = /^[$#] /.test(line) || (isTyped && line.startsWith("> "));
    return isTyped ? line.replace(/^[$#>] /, "  ") : "";
  });
  return typed.join("\n");
}

async function checkSnippets(
  blocks: readonly DocumentBlock[],
  desk: Desk,
): Promise<Findings & { typed: Omit<TypedSnippet, "document">[] }> {
  const found: Findings & { typed: Omit<TypedSnippet, "document">[] } = { problems: [], unknown: [], typed: [] };
  for (const block of blocks) {
    const { problems, imports, isModule, unknown } = checkSnippet(desk.typescript, block);
    // oxlint-disable-next-line no-await-in-loop -- blocks in their order
    const verdicts = await Promise.all(imports.map((one) => desk.checkImports(one)));
    const at = (index: number): number => block.line + (imports[index]?.line ?? 0);
    if (isModule === true && verdicts.some(({ isOwn }) => isOwn))
      found.typed.push({ line: block.line, text: block.text });
    found.problems.push(...problems);
    found.problems.push(
      ...verdicts.flatMap((one, index) => one.problems.map((each) => ({ ...each, line: at(index) }))),
    );
    found.unknown.push(
      ...verdicts.flatMap((one, index) => (one.unknown === undefined ? [] : [{ line: at(index), text: one.unknown }])),
      ...(unknown === undefined ? [] : [{ line: block.line, text: unknown }]),
    );
  }
  return found;
}

async function readExamples(
  { workspace, policy }: GateInput,
  tree: WorkspaceTree,
): Promise<ReadonlyMap<string, string>> {
  const paths = await listFiles(workspace, policy.docs.examples);
  const texts = paths.map(async (path): Promise<[string, string][]> => {
    return (await tree.kindOf(path)) === "file" ? [[(await tree.text(path)).trim(), path]] : [];
  });
  return new Map((await Promise.all(texts)).flat());
}

async function listFiles(workspace: string, patterns: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  const exclude = ["node_modules/**", "**/node_modules/**", "**/dist/**"];
  for await (const file of glob([...patterns], { cwd: workspace, exclude })) files.push(file);
  return files.toSorted();
}
