import { resolve } from "node:path";
import {
  type Database,
  type ExportManifest,
  exportStorage,
  importStorage,
  migrate,
  migrationStatus,
  openDatabase,
  type PlannedStep,
  rollBackTo,
} from "@hxp/storage";
import type { Command } from "commander";
import { addCommand, addGroup, parseCount, type PlatformFlags, printResult } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { renderTable } from "../output/render-table.ts";
import { prepareData } from "../platform/data-folder.ts";
import { loadPlatform } from "../platform/load-platform.ts";
import { takeDataFolder } from "../up/take-data-folder.ts";

/** `hxp storage`: the database's schema, and moving what it holds. */
export function addStorageCommand(program: Command, world: CliWorld): void {
  const storage = addGroup(program, "storage", "migrate, export and import what keys and usage are kept in");
  addCommand(storage, {
    words: "status",
    description: "say which version of the schema the database has, and what a migration would do",
    examples: ["hxp storage status", "hxp storage status --config hxp.yaml --json"],
    platform: true,
  }).action((flags: PlatformFlags) => status(world, flags));
  addCommand(storage, {
    words: "migrate",
    description: "bring the schema up to this version; servers of this and the version before go on meanwhile",
    examples: ["hxp storage migrate"],
    platform: true,
  }).action((flags: PlatformFlags) => migrateUp(world, flags));
  addCommand(storage, {
    words: "down",
    description: "undo the versions after one, when their servers have ended",
    examples: ["hxp storage down --to 2"],
    platform: true,
  })
    .requiredOption("--to <version>", "version that is left", parseCount)
    .option("--discard", "also when something goes that nothing else holds")
    .action((flags: PlatformFlags & { to: number; discard?: boolean }) => migrateDown(world, flags));
  addCommand(storage, {
    words: "export <folder>",
    description: "write keys and usage, as they are at one moment, into a new folder; servers go on meanwhile",
    examples: ["hxp storage export backup-2026-01-31"],
    platform: true,
  }).action((folder: string, flags: PlatformFlags) => exportTo(world, folder, flags));
  addCommand(storage, {
    words: "import <folder>",
    description: "fill an empty database from an export and compare counts and digests",
    examples: ["hxp storage import backup-2026-01-31 --set storage.url=postgres://hxp@db.example.com/hxp"],
    platform: true,
  }).action((folder: string, flags: PlatformFlags) => importFrom(world, folder, flags));
}

async function status(world: CliWorld, flags: PlatformFlags): Promise<void> {
  await withDatabase(world, flags, async (database) => {
    const result = await migrationStatus(database);
    const { database: name, version, programVersion, pending } = result;
    const steps = pending.map((step) => `  ${step.version} ${step.phase}: ${step.name}`);
    const next = steps.length === 0 ? "Nothing is to be done." : `hxp storage migrate would do:\n${steps.join("\n")}`;
    const text = `${name}\n\nSchema  ${version} (this program is written for ${programVersion})\n${next}`;
    printResult(world, flags, { result, text });
  });
}

async function migrateUp(world: CliWorld, flags: PlatformFlags): Promise<void> {
  await withDatabase(world, flags, async (database) => {
    const steps = await migrate(database, { onStep: (step) => world.progress.show(renderStep(step)) });
    printSteps(world, flags, { database, steps, done: "migrated" });
  });
}

async function migrateDown(world: CliWorld, flags: PlatformFlags & { to: number; discard?: boolean }): Promise<void> {
  const { paths } = await loadPlatform(flags, world);
  await prepareData(paths);
  // Servers of the versions that are undone must have ended; at least the one of this folder can be seen.
  const folder = await takeDataFolder(paths);
  try {
    await withDatabase(world, flags, async (database) => {
      const onStep = (step: PlannedStep): void => world.progress.show(renderStep(step));
      const steps = await rollBackTo(database, flags.to, { discard: flags.discard, onStep });
      printSteps(world, flags, { database, steps, done: "rolled back" });
    });
  } finally {
    folder[Symbol.dispose]();
  }
}

async function exportTo(world: CliWorld, folder: string, flags: PlatformFlags): Promise<void> {
  await withDatabase(world, flags, async (database) => {
    await migrate(database);
    const path = resolve(world.cwd, folder);
    const manifest = await exportStorage(database, path);
    const text = `Exported ${database.name} to ${path}\n\n${renderTables(manifest)}`;
    printResult(world, flags, { result: { folder: path, ...manifest }, text });
  });
}

async function importFrom(world: CliWorld, folder: string, flags: PlatformFlags): Promise<void> {
  await withDatabase(world, flags, async (database) => {
    const path = resolve(world.cwd, folder);
    const { manifest, added } = await importStorage(database, path);
    const text = `Imported ${path} into ${database.name}; counts and digests are those of the export.\n\n${renderTables(manifest, added)}`;
    printResult(world, flags, { result: { folder: path, added, ...manifest }, text });
  });
}

async function withDatabase(
  world: CliWorld,
  flags: PlatformFlags,
  work: (database: Database) => Promise<void>,
): Promise<void> {
  const { storage, paths } = await loadPlatform(flags, world);
  await prepareData(paths);
  await using database = await openDatabase(storage, { folder: paths.storage, variables: world.variables });
  await work(database);
}

interface Steps {
  readonly database: Database;
  readonly steps: readonly PlannedStep[];
  readonly done: string;
}

function printSteps(world: CliWorld, flags: PlatformFlags, { database, steps, done }: Steps): void {
  const result = {
    database: database.name,
    steps: steps.map(({ version, phase, name }) => ({ version, phase, name })),
  };
  const title = steps.length === 0 ? `${database.name} is as it should be.` : `${database.name} was ${done}:`;
  printResult(world, flags, { result, text: [title, ...steps.map(renderStep)].join("\n") });
}

function renderStep({ version, phase, name }: PlannedStep): string {
  return `  ${version} ${phase}: ${name}`;
}

function renderTables({ tables }: ExportManifest, added?: Readonly<Record<string, number>>): string {
  const rows = Object.entries(tables).map(([name, { rows: count, sha256 }]) => {
    return [name, String(count), ...(added === undefined ? [] : [String(added[name] ?? 0)]), sha256];
  });
  const headings = ["Table", "Rows", ...(added === undefined ? [] : ["Added now"]), "SHA-256"];
  return renderTable(headings, rows, { right: added === undefined ? [1] : [1, 2] });
}
