import { constants } from "node:fs";
import { access, chmod, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Variables } from "@hxp/config";
import { HxpError } from "@hxp/errors";

/** Where a server keeps things; all absolute. */
export interface DataPaths {
  readonly data: string;
  readonly storage: string;
  readonly pepper: string;
  readonly models: string;
  readonly spool: string;
  readonly auditLog: string;
  /** Sockets, and who runs: nothing in it outlives the server. */
  readonly run: string;
  readonly lease: string;
  readonly serverRecord: string;
}

/** What decides where the data folder is. */
export interface DataFolderChoice {
  /** `--data`. */
  readonly chosen?: string | undefined;
  /** `paths.data` of `hxp.yaml`. */
  readonly configured?: string | undefined;
  readonly variables: Variables;
  readonly cwd: string;
}

/** The data folder: the one chosen, else the configured one, else `hxp` in `$XDG_DATA_HOME` or `~/.local/share`. */
export function locateData({ chosen, configured, variables, cwd }: DataFolderChoice): DataPaths {
  const data = chosen ?? configured ?? join(userData(variables), "hxp");
  return pathsBelow(resolve(cwd, data));
}

function userData(variables: Variables): string {
  const named = variables["XDG_DATA_HOME"];
  // The XDG specification has relative paths ignored.
  if (named?.startsWith("/") === true) return named;
  return join(variables["HOME"] ?? homedir(), ".local", "share");
}

function pathsBelow(data: string): DataPaths {
  const run = join(data, "run");
  return {
    data,
    storage: join(data, "storage"),
    pepper: join(data, "keys", "pepper"),
    models: join(data, "models"),
    spool: join(data, "spool"),
    auditLog: join(data, "audit.jsonl"),
    run,
    lease: join(run, "server.lease"),
    serverRecord: join(run, "server.json"),
  };
}

/**
 * The socket that a model's process listens on. Throws DATA_UNWRITABLE when its path is longer than the kernel takes.
 */
export function socketOf({ run }: Pick<DataPaths, "run">, model: string): string {
  const path = join(run, `${model}.sock`);
  const longest = 107;
  if (Buffer.byteLength(path) <= longest) return path;
  throw new HxpError("DATA_UNWRITABLE", `The path of the socket ${path} is longer than ${longest} bytes`, {
    hint: "Choose a data folder with a shorter path by --data.",
  });
}

/** Makes the data folder, for its owner only, with what is below it. Throws DATA_UNWRITABLE. */
export async function prepareData(paths: DataPaths): Promise<void> {
  try {
    await mkdir(paths.data, { recursive: true, mode: 0o700 });
    await access(paths.data, constants.R_OK | constants.W_OK | constants.X_OK);
    for (const folder of [paths.storage, join(paths.pepper, ".."), paths.models, paths.spool, paths.run]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await access(folder, constants.W_OK);
    }
    await chmod(paths.run, 0o700);
  } catch (error) {
    throw new HxpError("DATA_UNWRITABLE", `The data folder ${paths.data} cannot be written`, {
      cause: error,
      details: { path: paths.data },
    });
  }
}
