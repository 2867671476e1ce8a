import { isHxpError } from "@hxp/errors";
import { satisfies } from "semver";
import type { Component } from "../closure/component.ts";
import type { GateInput, ServedAdvisory } from "../gate.ts";
import { splitId } from "../versions/split-id.ts";
import type { Advisory } from "./advisory.ts";
import { rateSeverity } from "./rate-severity.ts";

/** What the registry's own endpoint gave. */
export interface RegistryAnswer {
  /** Whether it knew the canary each time: any server can answer that nothing is known. */
  answered: boolean;
  /** For a person: how it went. */
  says: string;
}

const namesInCall = 1_000;

/** What {@link askRegistry} asks, and whom. */
export interface Question {
  upstream: GateInput["upstream"];
  signal: AbortSignal | undefined;
  /** `name@version` */
  canary: string;
}

/** Asks the registry what it knows against components. Throws the signal's reason; an endpoint that fails did not answer. */
export async function askRegistry(
  { upstream, signal, canary }: Question,
  components: readonly Component[],
): Promise<Served> {
  if (upstream.advisories === undefined) return none("it is not asked for advisories");
  const entries = listForeign(components);
  if (entries.length === 0) return none("there is nothing to ask it for");
  const served: [string, Advisory[]][] = [];
  let knowsCanary = true;
  try {
    for (let at = 0; at < entries.length; at += namesInCall) {
      const question = withCanary(entries.slice(at, at + namesInCall), canary);
      // oxlint-disable-next-line no-await-in-loop -- one large call at a time
      const answer = await upstream.advisories(question);
      if (answer === undefined) return none("it has no endpoint for advisories");
      knowsCanary &&= isKnown(canary, answer);
      for (const [name, found] of Object.entries(answer)) served.push([name, found.map(toAdvisory)]);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!isHxpError(error)) throw error;
    return none(`it could not be asked: ${error.message}`);
  }
  if (knowsCanary) return { answered: true, says: "its endpoint for advisories answered", served };
  const says = `its endpoint for advisories knows nothing against ${canary} (advisories.canary), so its answer proves nothing`;
  return { answered: false, says, served };
}

/** Names of the workspace's own packages are not told to a registry that may be somebody else's. */
function listForeign(components: readonly Component[]): [string, string[]][] {
  const versions = new Map<string, string[]>();
  for (const { name, version, folder } of components) {
    if (folder === undefined) versions.set(name, [...(versions.get(name) ?? []), version]);
  }
  return [...versions];
}

type Answer = Readonly<Record<string, readonly ServedAdvisory[]>>;

function withCanary(entries: readonly [string, string[]][], canary: string): Record<string, readonly string[]> {
  const versions = new Map(entries);
  const [name, version] = splitId(canary);
  versions.set(name, [...new Set([...(versions.get(name) ?? []), version])]);
  return Object.fromEntries(versions);
}

function isKnown(canary: string, answer: Answer): boolean {
  const [name, version] = splitId(canary);
  const known = Object.hasOwn(answer, name) ? (answer[name] ?? []) : [];
  return known.some(({ vulnerable_versions: range }) => satisfies(version, range, { includePrerelease: true }));
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
