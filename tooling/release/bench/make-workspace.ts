import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runCommand } from "../src/workspace/run-command.ts";

/** Scope of the made-up packages. */
export const scope = "@bench";

/** The tag that consumers of them follow. */
export const channel = "latest";

/** Versions of every package: the one that is on the registry before a run, and the one that a run releases. */
export const versions = { before: "1.0.0", released: "1.1.0" } as const;

/** Names of the packages, most needed first. */
export function packageNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${scope}/part-${String(index + 1).padStart(2, "0")}`);
}

/**
 * Writes a git repository with a pnpm workspace of so many small packages at the version before: libraries of a few kilobytes that
 * depend on one another through `workspace:^`, four ranks deep, as a repository of that size tends to.
 */
export async function makeWorkspace(folder: string, count: number, env: NodeJS.ProcessEnv): Promise<void> {
  const names = packageNames(count);
  writeFiles(folder, {
    "package.json": toJson({ name: "bench", private: true, license: "MIT", packageManager: "pnpm@12.21.0" }),
    "pnpm-workspace.yaml": "packages: [parts/*]\npmOnFail: ignore\nverifyDepsBeforeRun: false\n",
    ".gitignore": "node_modules/\n",
    ".changeset/config.json": toJson({ changelog: false, commit: false, access: "public", baseBranch: "main" }),
    // The licences gate is the cheapest; consumers are not played, because only steps that reach the registry count.
    "release.config.js": `export default { build: ["true"], gates: ["licences"], managers: [] };\n`,
  });
  for (const [index, name] of names.entries()) {
    writeFiles(join(folder, "parts", name.replace(`${scope}/`, "")), packageFiles(name, dependenciesOf(index, names)));
  }
  await runCommand(["pnpm", "install", "--offline", "--no-frozen-lockfile"], { cwd: folder, env });
  await runCommand(["git", "init", "--quiet", "--initial-branch=main"], { cwd: folder, env });
  await commitAll(folder, "feat: first parts", env);
}

/** Adds a changeset that takes every package to the version that is released, and commits it. */
export async function addChangeset(folder: string, count: number, env: NodeJS.ProcessEnv): Promise<void> {
  const bumps = packageNames(count).map((name) => `"${name}": minor`);
  writeFiles(folder, { ".changeset/next.md": `---\n${bumps.join("\n")}\n---\n\nRead three new fields.\n` });
  await commitAll(folder, "feat: read three new fields", env);
}

async function commitAll(folder: string, message: string, env: NodeJS.ProcessEnv): Promise<void> {
  const identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost.invalid"];
  await runCommand(["git", "add", "--all"], { cwd: folder, env });
  await runCommand(["git", ...identity, "commit", "--quiet", "--message", message], { cwd: folder, env });
}

/** Shares of the packages at which a new rank begins. */
const ranks = [0, 0.1, 0.4, 0.8];

/** The first tenth needs nobody; each later rank needs one or two packages of the ranks before it. */
function dependenciesOf(index: number, names: readonly string[]): string[] {
  const rank = ranks.findLastIndex((share) => index >= share * names.length);
  const before = Math.ceil((ranks[rank] ?? 0) * names.length);
  const picked = before === 0 ? [] : [index % before, (index * 7 + rank) % before];
  return [...new Set(picked)].flatMap((position) => names[position] ?? []);
}

function packageFiles(name: string, needs: readonly string[]): Record<string, string> {
  const fields = Array.from({ length: 24 }, (_, index) => `field${index}`);
  const manifest = {
    name,
    version: versions.before,
    description: `Reads and checks the fields of ${name}`,
    license: "MIT",
    repository: { type: "git", url: "git+https://example.com/bench.git" },
    type: "module",
    sideEffects: false,
    files: ["dist"],
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
    publishConfig: { access: "public" },
    dependencies: Object.fromEntries(needs.map((need) => [need, "workspace:^"])),
    engines: { node: ">=22" },
  };
  return {
    "package.json": toJson(manifest),
    "README.md": `# ${name}\n\n${fields.map((field) => `- \`${field}\` is read from the input\n`).join("")}`,
    LICENSE: "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy.\n",
    "dist/index.js": fields.map((field) => renderReader(name, field)).join("\n"),
    "dist/index.d.ts": fields.map((field) => `export declare function ${field}(input: object): string;\n`).join(""),
  };
}

function renderReader(name: string, field: string): string {
  return [
    `/** Reads ${field} of ${name}; throws where it is missing. */`,
    `export function ${field}(input) {`,
    `  if (typeof input.${field} !== "string") throw new TypeError("${name}: ${field} is missing");`,
    `  return input.${field}.trim();`,
    "}",
    "",
  ].join("\n");
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

function toJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
