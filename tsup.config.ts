import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { defineConfig } from "tsup";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  exports: Record<string, string | Record<string, string>>;
  bin?: Record<string, string>;
};

// The exports map and `bin` name the entries, so a package's manifest is the only place that lists them.
const sources = Object.values(manifest.exports).flatMap((target) => {
  const source = typeof target === "string" ? undefined : target["@hxp/source"];
  return source === undefined ? [] : [source.replace("./", "")];
});
const bins = Object.values(manifest.bin ?? {}).map((file) => file.replace("./dist/", "src/").replace(/\.js$/, ".ts"));
const toEntry = (file: string): [string, string] => [file.replace(/^src\//, "").replace(/\.ts$/, ""), file];

// A package with pages for browsers says itself how they are bundled: they are one program, for another platform.
const pages = resolve("src/write/bundle-app.ts");

async function buildPages(): Promise<void> {
  const { bundleApp } = (await import(pathToFileURL(pages).href)) as {
    bundleApp: (folder: string) => Promise<Record<string, string>>;
  };
  mkdirSync("dist/app", { recursive: true });
  for (const [name, text] of Object.entries(await bundleApp(process.cwd())))
    writeFileSync(join("dist/app", name), text);
}

export default defineConfig({
  entry: Object.fromEntries([...sources, ...bins].map(toEntry)),
  dts: { entry: Object.fromEntries(sources.map(toEntry)) },
  format: "esm",
  target: "node22",
  platform: "node",
  sourcemap: false,
  clean: true,
  splitting: true,
  treeshake: true,
  // Without its prefix, node:sqlite would be a package of npm's.
  removeNodeProtocol: false,
  ...(existsSync(pages) && { onSuccess: buildPages }),
});
