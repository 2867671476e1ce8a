import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** The pages' program, ready to be written beside `index.html`. */
export interface AppFiles {
  "app.js": string;
  "app.css": string;
  /** Names and licence texts of what is bundled into the program. */
  "app-licences.txt": string;
}

/** Bundles the program from its source. The same source gives the same bytes, on every Node and in every folder. */
export async function bundleApp(packageFolder: string): Promise<AppFiles> {
  const result = await build({
    absWorkingDir: packageFolder,
    entryPoints: ["app/main.tsx", "app/styles/app.css"],
    outdir: "out",
    bundle: true,
    write: false,
    metafile: true,
    // Readable: who reviews the package reads what its pages do.
    minify: false,
    format: "iife",
    platform: "browser",
    target: ["es2022"],
    charset: "utf8",
    legalComments: "none",
    jsx: "automatic",
    jsxImportSource: "preact",
    conditions: ["@hxp/source"],
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "silent",
  });
  const text = (end: string): string => result.outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  return {
    "app.js": text("main.js"),
    "app.css": text("app.css"),
    "app-licences.txt": renderLicences(packageFolder, Object.keys(result.metafile.inputs)),
  };
}

function renderLicences(packageFolder: string, inputs: readonly string[]): string {
  const folders = new Map<string, string>();
  for (const input of inputs) {
    const [path, name] = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    if (path !== undefined && name !== undefined) folders.set(name, join(packageFolder, path));
  }
  const texts = [...folders]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, folder]) => {
      const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Licensed;
      return `${name} ${version} (${license})\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}\n`;
    });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

interface Licensed {
  version: string;
  license: string;
}
