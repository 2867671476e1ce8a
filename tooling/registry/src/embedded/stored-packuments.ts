import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Packument, parsePackument } from "../client/packument.ts";
import type { RegistryFolder } from "./storage.ts";
import { storeFile } from "./store-file.ts";

/** The packuments as verdaccio has them, in memory after the first read: this process is their only writer. */
export interface StoredPackuments {
  /** Waits for a change that is under way. */
  read(name: string): Promise<Packument | undefined>;
  /** Runs one change of a package at a time; what it is given is the packument as it stands. */
  change<T>(name: string, run: (stored: Packument | undefined) => Promise<T>): Promise<T>;
  /** Replaces the tags of a package, within its {@link StoredPackuments.change}. */
  writeTags(name: string, tags: Readonly<Record<string, string>>): Promise<void>;
}

/**
 * Reads packuments from the files that verdaccio replaces as a whole at each change, and writes tags to them in the same
 * way. Its own API does the same to the same files, and takes so much longer that it would be half of what a release waits
 * for.
 */
export function createStoredPackuments({ packages }: RegistryFolder): StoredPackuments {
  const known = new Map<string, Packument | undefined>();
  const queues = new Map<string, Promise<unknown>>();
  const inTurn = <T>(name: string, run: () => Promise<T>): Promise<T> => {
    const turn = (queues.get(name) ?? Promise.resolve()).then(run, run);
    queues.set(name, turn);
    const leave = (): void => {
      if (queues.get(name) === turn) queues.delete(name);
    };
    turn.then(leave, leave);
    return turn;
  };
  const load = async (name: string): Promise<Packument | undefined> => {
    if (!known.has(name)) known.set(name, await readPackument(packages, name));
    return known.get(name);
  };
  return {
    read: (name) =>
      known.has(name) && !queues.has(name) ? Promise.resolve(known.get(name)) : inTurn(name, () => load(name)),
    change: (name, run) =>
      inTurn(name, async () => {
        const stored = await load(name);
        known.delete(name);
        return run(stored);
      }),
    writeTags: async (name, tags) => {
      const path = pathOf(packages, name);
      const document = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
      const changed = { ...document, "dist-tags": tags, _rev: nextRevision(document["_rev"]) };
      await storeFile(path, JSON.stringify(changed, undefined, "\t"));
      known.set(name, parseStored(name, changed));
    },
  };
}

function pathOf(packages: string, name: string): string {
  return join(packages, name, "package.json");
}

/** As CouchDB counts, and verdaccio after it: `12-696d225f07b60f75`. */
function nextRevision(revision: unknown): string {
  const count = Number.parseInt(String(revision), 10);
  return `${Number.isNaN(count) ? 1 : count + 1}-${randomBytes(8).toString("hex")}`;
}

async function readPackument(packages: string, name: string): Promise<Packument | undefined> {
  const text = await readFile(pathOf(packages, name), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : parseStored(name, JSON.parse(text) as Record<string, unknown>);
}

function parseStored(name: string, document: Record<string, unknown>): Packument {
  const { _attachments, _distfiles, _uplinks, ...packument } = document;
  return parsePackument(name, packument);
}
