import { join } from "node:path";
import { placePackage } from "../../api/declarations/place-package.ts";
import type { GatePackage } from "../../gate.ts";
import type { DocumentProblem } from "../problem.ts";
import type { ReadPackedFiles } from "./packed-files.ts";

/** A snippet of TypeScript that parses, and whose imports of packages of the release are known. */
export interface TypedSnippet {
  /** Path of its document. */
  document: string;
  /** Line of its first line in the document. */
  line: number;
  text: string;
}

/** What the compiler refuses in a snippet. */
export interface TypeProblem extends DocumentProblem {
  document: string;
}

/**
 * Diagnostics that say that something is used in another way than it is declared. What a snippet leaves out, such as
 * variables of the reader's, is not among them, and what does not resolve is `any`.
 */
const misuseCodes = new Set([
  1360, 2314, 2322, 2339, 2344, 2345, 2349, 2351, 2353, 2416, 2420, 2551, 2554, 2555, 2558, 2559, 2561, 2739, 2740,
  2741, 2769, 2820,
]);

/** Under this root the compiler finds what any package of the workspace depends on, too. */
const root = "/before";

/** What snippets are compiled with. */
export interface TypeSources {
  packages: readonly GatePackage[];
  readPacked: ReadPackedFiles;
  /** Absolute folder in which dependencies are installed. */
  workspace: string;
}

/** Compiles snippets, each as a module of its own, against the declarations in the packed packages. */
export async function checkTypes(
  snippets: readonly TypedSnippet[],
  { packages, readPacked, workspace }: TypeSources,
): Promise<TypeProblem[]> {
  if (snippets.length === 0) return [];
  const { createProgram, createSourceCache } = await import("../../api/declarations/create-program.ts");
  const packed = await Promise.all(
    packages.map(async ({ name }) => placePackage(root, { name, files: (await readPacked(name)) ?? new Map() })),
  );
  const bySource = new Map(snippets.map((snippet, index) => [`${root}/snippet-${index}.mts`, snippet]));
  const program = createProgram({
    files: new Map([...[...bySource].map(([path, { text }]): [string, string] => [path, text]), ...packed.flat()]),
    roots: [...bySource.keys()],
    folder: workspace,
    earlierFolder: join(workspace, "node_modules", ".pnpm"),
    cache: createSourceCache(),
  });
  const { default: ts } = await import("typescript");
  return [...bySource].flatMap(([path, snippet]) =>
    program.getSemanticDiagnostics(program.getSourceFile(path)).flatMap(({ code, file, start = 0, messageText }) => {
      if (file?.fileName !== path || !misuseCodes.has(code)) return [];
      const { line } = file.getLineAndCharacterOfPosition(start);
      return [describe(snippet, line, ts.flattenDiagnosticMessageText(messageText, " "))];
    }),
  );
}

function describe({ document, line }: TypedSnippet, offset: number, text: string): TypeProblem {
  return {
    document,
    rule: "snippet-types",
    line: line + offset,
    message: `The snippet does not compile: ${text.replaceAll(`${root}/node_modules/`, "").replaceAll(/\s+/g, " ")}`,
    fix: "Write it as the packed declarations have it, or `no-check` after the language if it is not meant to be whole.",
  };
}
