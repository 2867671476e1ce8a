import type { Variables } from "@hxp/config";
import { toHxpError } from "@hxp/errors";
import type { Stores } from "@hxp/schema-storage";
import { openStorage } from "@hxp/storage";
import type { CliWorld } from "../cli/cli-world.ts";
import { prepareData } from "./data-folder.ts";
import type { Platform } from "./load-platform.ts";

/** What {@link openStores} takes beside the platform. */
export interface OpenStoresOptions {
  readonly variables: Variables;
  /** Brings the schema up to this version even where `storage.migration` is manual. */
  readonly migrate?: boolean | undefined;
  /** Told in a sentence what goes wrong without a caller, such as a database that does not answer yet. */
  readonly onProblem: (text: string) => void;
}

/** Opens the platform's storage; an embedded database is made, and brought up to this version, by itself. */
export async function openStores({ storage, paths }: Platform, options: OpenStoresOptions): Promise<Stores> {
  const { variables, migrate, onProblem } = options;
  await prepareData(paths);
  const config = migrate === true ? { ...storage, migration: "automatic" as const } : storage;
  return openStorage(config, {
    folder: paths.storage,
    variables,
    onProblem: (problem) => {
      const { code, message } = toHxpError(problem);
      onProblem(`${code}: ${message}`);
    },
  });
}

/** The same for a command that a person waits for. */
export function openStoresFor({ variables, progress }: CliWorld, platform: Platform): Promise<Stores> {
  return openStores(platform, { variables, onProblem: (text) => progress.say(text) });
}
