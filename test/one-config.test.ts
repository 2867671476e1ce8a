import { basename, posix } from "node:path";
import { expect, test } from "vitest";
import { listFiles, readPackages, readText } from "./workspace-files.ts";

/** Every file that a tool would take for its configuration, and the one that there is; null: a tool that is not used. */
const tools: readonly [tool: string, files: RegExp, one: string | null][] = [
  ["typescript", /^[tj]sconfig(\..*)?\.json$/, "tsconfig.json"],
  ["vitest and vite", /^vite(st)?\.(config|workspace)\.[cm]?[jt]s$/, "vitest.config.ts"],
  ["oxlint", /^(\.oxlintrc\.jsonc?|oxlint\.config\.[cm]?[jt]s)$/, ".oxlintrc.json"],
  ["oxfmt", /^(\.oxfmtrc(\..*)?|oxfmt\.config\.[cm]?[jt]s)$/, ".oxfmtrc.json"],
  ["tsup", /^tsup\.config\.([cm]?[jt]s|json)$/, "tsup.config.ts"],
  ["turbo", /^turbo\.jsonc?$/, "turbo.json"],
  ["knip", /^\.?knip\.(jsonc?|[cm]?[jt]s)$|^knip\.config\.[cm]?[jt]s$/, "knip.json"],
  ["pnpm", /^pnpm-workspace\.yaml$/, "pnpm-workspace.yaml"],
  ["release", /^release\.config\.[cm]?[jt]s$/, "release.config.ts"],
  ["editorconfig", /^\.editorconfig$/, ".editorconfig"],
  ["lockfile", /^(pnpm-lock\.yaml|package-lock\.json|yarn\.lock|bun\.lockb?)$/, "pnpm-lock.yaml"],
  ["npmrc", /^\.(npm|pnpm|yarn)rc(\..*)?$/, null],
  ["eslint", /^(\.eslintrc(\..*)?|eslint\.config\.[cm]?[jt]s|\.eslintignore)$/, null],
  ["prettier", /^(\.prettierrc(\..*)?|prettier\.config\.[cm]?[jt]s|\.prettierignore)$/, null],
  ["biome and dprint", /^(biome|dprint)\.jsonc?$/, null],
  ["jest and mocha", /^(jest\.config\..*|\.mocharc(\..*)?)$/, null],
  ["other builders", /^(tsdown|rollup|rolldown|webpack|esbuild|build)\.config\.[cm]?[jt]s$/, null],
  ["swc and babel", /^(\.swcrc|\.babelrc(\..*)?|babel\.config\..*)$/, null],
];

/** Code for a browser: it extends the root's configuration by a DOM, which no other code may see. */
const browserFolders = ["tooling/report/app"];

/** Without the workspaces of their own, which tests release. */
const files = listFiles().filter((path) => !path.includes("/fixtures/"));

test.each(browserFolders)("%s extends the root's TypeScript configuration", (folder) => {
  const { extends: base } = JSON.parse(readText(`${folder}/tsconfig.json`)) as { extends: string };
  expect(posix.join(folder, base)).toBe("tsconfig.json");
});

test.each(tools)("%s is configured once, at the root, or not at all", (_tool, pattern, one) => {
  const found = files.filter((path) => pattern.test(basename(path)) && !isBrowserConfig(path));
  expect(found).toEqual(one === null ? [] : [one]);
});

test("no manifest of a package configures a tool", () => {
  const keys = [
    "eslintConfig",
    "prettier",
    "vitest",
    "jest",
    "tsup",
    "knip",
    "pnpm",
    "browserslist",
    "babel",
    "oxlint",
    "turbo",
  ];
  const found = readPackages().flatMap(({ folder, manifest }) =>
    keys.filter((key) => Object.hasOwn(manifest, key)).map((key) => `${folder}: ${key}`),
  );
  expect(found).toEqual([]);
});

function isBrowserConfig(path: string): boolean {
  return browserFolders.some((folder) => path === `${folder}/tsconfig.json`);
}
