import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../workspace/run-command.ts";
import { type ConsumerSurface, renderImportCheck, renderTypeCheck } from "./check-script.ts";

/** One consumer: a package manager on a Node version. */
export interface SmokeCell {
  manager: "npm" | "pnpm";
  node: string;
}

/** What a cell found. */
export interface SmokeResult extends SmokeCell {
  verdict: "passed" | "failed";
  /** What failed, with output; empty when passed. */
  failures: string[];
  durationMs: number;
  /** The consumer project, kept for the licences' second opinion. */
  project: string;
}

/** Everything a cell needs. */
export interface SmokeOptions {
  /** Empty folder for the project. */
  project: string;
  registry: string;
  /** `name@tag` of everything that is released. */
  specifiers: readonly string[];
  surfaces: readonly ConsumerSurface[];
  /** Environment without credentials, with the cell's Node first in its PATH. */
  env: NodeJS.ProcessEnv;
  npmCli: string;
  npmCache: string;
  /** Path of TypeScript's `tsc`, or undefined to leave the type check to another cell. */
  tsc: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Plays a consumer: an empty project installs every released package from the staging tag, unlocked; imports each
 * export, runs each bin with `--help`, and type-checks a module that uses each types entry.
 */
export async function runSmokeCell(cell: SmokeCell, options: SmokeOptions): Promise<SmokeResult> {
  const started = performance.now();
  const failures: string[] = [];
  const attempt = async (what: string, run: () => Promise<void>): Promise<boolean> => {
    try {
      await run();
      return true;
    } catch (error) {
      failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  };
  writeProject(options);
  if (await attempt("install", () => install(cell, options))) {
    await attempt("import", () => importAll(options));
    for (const bin of options.surfaces.flatMap((surface) => surface.bins)) {
      await attempt(`bin ${bin}`, () => runBin(bin, options));
    }
    if (options.tsc !== undefined) await attempt("types", () => checkTypes(options.tsc ?? "", options));
  }
  return {
    ...cell,
    verdict: failures.length === 0 ? "passed" : "failed",
    failures,
    durationMs: Math.round(performance.now() - started),
    project: options.project,
  };
}

function writeProject({ project, registry, surfaces }: SmokeOptions): void {
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project, { recursive: true });
  const write = (file: string, text: string): void => writeFileSync(join(project, file), text);
  write("package.json", JSON.stringify({ name: "consumer", private: true, type: "module" }));
  // Third parties' tarballs are at the upstream's address, not at the embedded registry's: npm 12 refuses such by default.
  write(".npmrc", `registry=${registry}\nallow-remote=all\naudit=false\nfund=false\nupdate-notifier=false\n`);
  // A release is younger than any age limit; of third parties, the registry leaves out what is too young.
  write("pnpm-workspace.yaml", "minimumReleaseAge: 0\n");
  write("check-imports.mjs", renderImportCheck(surfaces));
  write("check-types.mts", renderTypeCheck(surfaces));
  const compilerOptions = {
    module: "nodenext",
    target: "es2024",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["check-types.mts"] }));
}

async function install(cell: SmokeCell, options: SmokeOptions): Promise<void> {
  const { project: cwd, env, signal, specifiers, npmCli, npmCache } = options;
  const command =
    cell.manager === "npm"
      ? ["node", npmCli, "install", "--no-package-lock", `--cache=${npmCache}`, ...specifiers]
      : ["pnpm", "add", ...specifiers];
  await runCommand(command, { cwd, env: { ...env, CI: "true" }, signal, timeoutMs: 600_000 });
}

async function importAll({ project: cwd, env, signal }: SmokeOptions): Promise<void> {
  const output = await runCommand(["node", "check-imports.mjs"], { cwd, env, signal, timeoutMs: 60_000 });
  const failures = JSON.parse(output.slice(output.lastIndexOf("\n") + 1)) as { specifier: string; message: string }[];
  if (failures.length === 0) return;
  throw new Error(failures.map(({ specifier, message }) => `import("${specifier}"): ${message}`).join("\n"));
}

async function runBin(bin: string, { project: cwd, env, signal }: SmokeOptions): Promise<void> {
  await runCommand([join(cwd, "node_modules/.bin", bin), "--help"], { cwd, env, signal, timeoutMs: 30_000 });
}

async function checkTypes(tsc: string, { project: cwd, env, signal }: SmokeOptions): Promise<void> {
  await runCommand(["node", tsc, "--project", "tsconfig.json"], { cwd, env, signal, timeoutMs: 120_000 });
}
