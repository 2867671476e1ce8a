import { createRequire } from "node:module";
import type typescript from "typescript";

/**
 * Turns TypeScript or JSX into JavaScript that can be parsed: some runtimes run such files as they are. Types and their
 * imports go; what is no TypeScript comes out as something that does not parse. Lines can be others than in the source.
 */
export function transpileSource(path: string, text: string): string {
  // Loaded on use: it is nine megabytes that a package without sources does not need.
  const { JsxEmit, ModuleKind, ScriptTarget, transpile } = createRequire(import.meta.url)(
    "typescript",
  ) as typeof typescript;
  const options = { module: ModuleKind.ESNext, target: ScriptTarget.ESNext, jsx: JsxEmit.React };
  return transpile(text, options, path);
}
