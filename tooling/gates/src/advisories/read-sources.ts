import { isHxpError } from "@hxp/errors";
import type { Component } from "../closure/component.ts";
import type { GateInput, ServedAdvisory } from "../gate.ts";
import type { Advisory } from "./advisory.ts";
import type { DatabaseManifest } from "./database/database-format.ts";
import { openAdvisoryDatabase } from "./database/open-database.ts";
import { rateSeverity } from "./rate-severity.ts";

/** What is known against packages, by their name, and from where. */
export interface AdvisorySources {
  advisories: Map<string, readonly Advisory[]>;
  /** The imported snapshot; undefined where there is none. */
  snapshot: DatabaseManifest | undefined;
  registry: RegistryAnswer;
}

/** What the registry's own endpoint gave. */
export interface RegistryAnswer {
  answered: boolean;
  /** For a person: how it went. */
  says: string;
}

/** Reads the snapshot and asks the registry. Throws ADVISORY_DATABASE_INVALID, and the signal's reason. */
export async function readSources(
  { databases, upstream, signal }: Pick<GateInput, "databases" | "upstream" | "signal">,
  components: readonly Component[],
): Promise<AdvisorySources> {
  const advisories = new Map<string, readonly Advisory[]>();
  await using database = await openAdvisoryDatabase(databases);
  const names = new Set(components.map(({ name }) => name));
  for (const [name, known] of (await database?.find(names)) ?? []) advisories.set(name, known);
  const { served, ...registry } = await askRegistry({ upstream, signal }, components);
  for (const [name, known] of served) advisories.set(name, [...(advisories.get(name) ?? []), ...known]);
  return { advisories, snapshot: database?.manifest, registry };
}

const namesInCall = 1_000;

/** Names of the workspace's own packages are not told to a registry that may be somebody else's. */
async function askRegistry(
  { upstream, signal }: Pick<GateInput, "upstream"> & { signal: AbortSignal | undefined },
  components: readonly Component[],
): Promise<Served> {
  if (upstream.advisories === undefined) return none("it is not asked for advisories");
  const versions = new Map<string, string[]>();
  for (const { name, version, folder } of components) {
    if (folder === undefined) versions.set(name, [...(versions.get(name) ?? []), version]);
  }
  if (versions.size === 0) return none("there is nothing to ask it for");
  const entries = [...versions];
  const served: [string, Advisory[]][] = [];
  try {
    for (let at = 0; at < entries.length; at += namesInCall) {
      // oxlint-disable-next-line no-await-in-loop -- one large call at a time
      const answer = await upstream.advisories(Object.fromEntries(entries.slice(at, at + namesInCall)));
      if (answer === undefined) return none("it has no endpoint for advisories");
      for (const [name, found] of Object.entries(answer)) served.push([name, found.map(toAdvisory)]);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!isHxpError(error)) throw error;
    return none(`it could not be asked: ${error.message}`);
  }
  return { answered: true, says: "its endpoint for advisories answered", served };
}

type Served = RegistryAnswer & { served: [string, Advisory[]][] };

function none(says: string): Served {
  return { answered: false, says, served: [] };
}

function toAdvisory({ id, url = "", title, severity, vulnerable_versions: npmRange, cvss }: ServedAdvisory): Advisory {
  const vector = cvss?.vectorString;
  return {
    id: /GHSA(?:-[0-9a-z]{4}){3}/.exec(url)?.[0] ?? `npm:${id}`,
    aliases: [],
    summary: title,
    ...rateSeverity([severity], typeof vector === "string" ? [vector] : []),
    ranges: [],
    versions: [],
    npmRange,
    symbols: [],
  };
}
