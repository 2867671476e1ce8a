import { HxpError } from "@hxp/errors";
import type { Migration, PlannedStep } from "./change.ts";

/** A step that a database has behind it. */
export interface DoneStep {
  readonly version: number;
  /** From 1, within the version. */
  readonly number: number;
}

/** The steps that lead up to a version, in their order. Pure. Throws USAGE_INVALID when there is no such version. */
export function planMigration(
  migrations: readonly Migration[],
  done: readonly DoneStep[],
  target: number = migrations.length,
): PlannedStep[] {
  checkVersion(migrations, target);
  const behind = new Set(done.map(placeOf));
  return stepsOf(migrations).filter((step) => step.version <= target && !behind.has(placeOf(step)));
}

/** The steps to undo, the last one first, until a version is left. Pure. Throws USAGE_INVALID when there is no such version. */
export function planRollback(
  migrations: readonly Migration[],
  done: readonly DoneStep[],
  target: number,
): PlannedStep[] {
  checkVersion(migrations, target);
  const behind = new Set(done.map(placeOf));
  return stepsOf(migrations)
    .filter((step) => step.version > target && behind.has(placeOf(step)))
    .toReversed();
}

/** The version that servers can use: the last one that is expanded, with all before it. */
export function usableVersion(migrations: readonly Migration[], done: readonly DoneStep[]): number {
  const missing = planMigration(migrations, done).find(({ phase }) => phase === "expand");
  return missing === undefined ? migrations.length : missing.version - 1;
}

function stepsOf(migrations: readonly Migration[]): PlannedStep[] {
  return migrations.flatMap(({ version, steps }) =>
    steps.map((step, index) => ({ ...step, version, number: index + 1 })),
  );
}

function placeOf({ version, number }: DoneStep): string {
  return `${version}.${number}`;
}

function checkVersion(migrations: readonly Migration[], target: number): void {
  if (Number.isInteger(target) && target >= 0 && target <= migrations.length) return;
  const message = `There is no version ${target} of the storage's schema: they are 0 to ${migrations.length}.`;
  throw new HxpError("USAGE_INVALID", message);
}
