import { readFileSync } from "node:fs";
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
});
