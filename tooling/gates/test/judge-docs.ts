import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { docsGate, type DocsDetails, type GateResult, type ReleasePolicyInput, runGates } from "@hxp/release-gates";
import type { GateTools } from "../src/gate.ts";
import { writeFiles } from "./install-workspace.ts";
import { makeInput, writePackage } from "./make-input.ts";
import { makePackage } from "./make-tarball.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A program with subcommands, a flag with a value and an argument, as commander prints them. */
const program = `
const help = {
  "": "Usage: tool [options] [command]\\n\\nOptions:\\n  --json       as JSON\\n  -h, --help   help\\n\\nCommands:\\n  keys         manage keys\\n  check [file] check a\\n               file\\n",
  keys: "Usage: tool keys [options] [command]\\n\\nOptions:\\n  -h, --help  help\\n\\nCommands:\\n  list [options]  list them\\n",
  "keys list": "Usage: tool keys list [options]\\n\\nOptions:\\n  --since <time>  only newer\\n  -a, --all       all\\n",
  check: "Usage: tool check [options] [file]\\n\\nOptions:\\n  --strict  be strict\\n",
};
const words = process.argv.slice(2).filter((word) => word !== "--help");
if (!process.argv.includes("--help")) throw new Error("The gate ran a command of a document");
process.stdout.write(help[words.join(" ")] ?? "");
`;

const manifest = {
  name: "@acme/tool",
  version: "1.0.0",
  type: "module",
  bin: { tool: "./dist/bin.js" },
  exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" }, "./extra": "./dist/extra.js" },
  repository: { type: "git", url: "git+https://github.com/acme/tools.git", directory: "packages/tool" },
};

const declarations = `export { type Options, start } from "./start.js";\nexport default function main(): void;\n`;

/** A workspace in which nothing is wrong, but for what a test changes. */
const files: Record<string, string | object> = {
  "package.json": {
    name: "acme",
    private: true,
    scripts: { build: "node build.js", test: "vitest run", tool: "node packages/tool/src/bin.ts" },
  },
  "pnpm-lock.yaml": "lockfileVersion: '9.0'\nimporters: { .: {}, packages/tool: {}, packages/hidden: {} }\n",
  "packages/hidden/package.json": { name: "@acme/hidden", version: "1.0.0", private: true },
  "packages/tool/package.json": manifest,
  "packages/tool/dist/bin.js": program,
  "packages/tool/src/kill.test.ts": "",
  "packages/tool/README.md": "# Tool\n\nSee [the guide](../../docs/guide.md#first-steps).\n",
  "docs/guide.md": "# Guide\n\n## First steps\n\n## `code` & more\n",
  "examples/tool.ts": 'import { start } from "@acme/tool";\n\nstart();\n',
};

const packed = {
  "README.md": "# Tool\n",
  "dist/index.js": "export default function main() {}\nexport const start = () => {};\n",
  "dist/index.d.ts": declarations,
  "dist/start.d.ts":
    "export interface Options { fast?: boolean }\nexport declare function start(options?: Options): void;\n",
  "dist/extra.js": 'export const more = 1;\nexport * from "elsewhere";\n',
};

/** What may differ from the sound workspace. */
export interface DocsCase {
  files?: Record<string, string | object>;
  policy?: ReleasePolicyInput;
  manifest?: object;
  tools?: GateTools;
}

/** Judges the sound workspace with one document more, `README.md`. */
export async function judgeDocs(readme: string, changes: DocsCase = {}): Promise<GateResult> {
  const folder = await temporaryFolder();
  const tool = { ...manifest, ...changes.manifest };
  await writeFiles(folder, { ...files, "README.md": readme, "packages/tool/package.json": tool, ...changes.files });
  const item = await writePackage(join(folder, ".tarballs"), makePackage(tool, packed), {
    name: "@acme/tool",
    folder: "packages/tool",
    manifest: tool,
  });
  await mkdir(join(folder, "node_modules/.bin"), { recursive: true });
  await writeFiles(folder, { "node_modules/.bin/vitest": "" });
  const { policy = {}, tools } = changes;
  const input = makeInput(folder, { packages: [item], policy, ...(tools === undefined ? {} : { tools }) });
  const [result] = await runGates([docsGate], input);
  return result!;
}

/** What a result says of a document. */
export function documentOf(result: GateResult, path = "README.md"): DocsDetails["documents"][number] {
  return (result.details as unknown as DocsDetails).documents.find((document) => document.path === path)!;
}
