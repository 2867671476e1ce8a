import { HxpError } from "@hxp/errors";
import { mapConcurrently } from "../map-concurrently.ts";
import { statusOf } from "../client/registry-error.ts";
import type { RegistryClient } from "../client/registry-client.ts";
import { type OnProgress, type RecordEffect, recordNothing } from "../released-package.ts";

/** Where tags pointed, by package name and tag; undefined: the tag did not exist. */
export type RecordedTags = Readonly<Record<string, Readonly<Record<string, string | undefined>>>>;

/** What {@link restoreTags} takes. */
export interface RestoreOptions {
  readonly client: RegistryClient;
  readonly tags: RecordedTags;
  /** By name, the version that the tags were moved to: a tag that points elsewhere by now is left alone. */
  readonly movedTo?: Readonly<Record<string, string>>;
  readonly record?: RecordEffect;
  readonly onProgress?: OnProgress;
}

interface WantedTag {
  name: string;
  tag: string;
  version: string | undefined;
}

/** What {@link restoreTags} did; each entry is `name:tag`. */
export interface Restored {
  readonly restored: readonly string[];
  /** `latest` of a package that had none before: npm lets nobody remove it. */
  readonly kept: readonly string[];
  /** Tags that somebody else has moved in the meantime. */
  readonly movedByOthers: readonly string[];
}

/**
 * Points tags back to where they were and removes those that did not exist. Goes on after a failure and is not
 * stopped by the client's signal: a channel must not be left pointing to a mix. What could not be put back is
 * REGISTRY_RESTORE_FAILED (exit code 11), with the list.
 */
export async function restoreTags(options: RestoreOptions): Promise<Restored> {
  const client = options.client.withSignal(undefined);
  const wanted = Object.entries(options.tags).flatMap(([name, tags]) =>
    Object.entries(tags).map(([tag, version]) => ({ name, tag, version })),
  );
  let done = 0;
  const results = await mapConcurrently(wanted, client.concurrency, async (tag) => {
    const outcome = await restoreOne(tag, { ...options, client }).catch((error: unknown) => ({ failed: error }));
    done += 1;
    options.onProgress?.({ step: "restore", done, total: wanted.length, note: `${tag.name}:${tag.tag}` });
    return { target: `${tag.name}:${tag.tag}`, version: tag.version, outcome };
  });
  const failed = results.flatMap(({ target, version, outcome }) =>
    typeof outcome === "object" ? [{ target, version, cause: outcome.failed }] : [],
  );
  if (failed.length > 0) throw restoreFailed(client.url, failed);
  const withOutcome = (wantedOutcome: string): string[] =>
    results.filter(({ outcome }) => outcome === wantedOutcome).map(({ target }) => target);
  return { restored: withOutcome("restored"), kept: withOutcome("kept"), movedByOthers: withOutcome("moved") };
}

async function restoreOne(
  wanted: WantedTag,
  options: RestoreOptions,
): Promise<"restored" | "kept" | "moved" | "right"> {
  const { name, tag, version } = wanted;
  const { client, movedTo = {} } = options;
  const now = new Map(Object.entries((await client.readTags(name)) ?? {})).get(tag);
  if (now === version) return "right";
  if (Object.hasOwn(movedTo, name) && now !== movedTo[name]) return "moved";
  try {
    await putBack(wanted, { ...options, now });
  } catch (error) {
    if (version === undefined && tag === "latest" && wasRefused(error)) return "kept";
    throw error;
  }
  return "restored";
}

async function putBack({ name, tag, version }: WantedTag, options: RestoreOptions & { now: string | undefined }) {
  const { client, record = recordNothing, now } = options;
  const effect = { target: `${name}:${tag}`, data: { from: now ?? null, to: version ?? null } };
  await (version === undefined
    ? record({ kind: "remove-tag", ...effect }, () => client.removeTag(name, tag))
    : record({ kind: "set-tag", ...effect }, () => client.setTag(name, tag, version)));
}

function wasRefused(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && status >= 400 && status < 500;
}

function restoreFailed(
  url: string,
  failed: { target: string; version: string | undefined; cause: unknown }[],
): HxpError {
  const list = failed.map(({ target, version }) => `${target} → ${version ?? "(remove)"}`);
  return new HxpError("REGISTRY_RESTORE_FAILED", `Not put back on ${url}: ${list.join(", ")}`, {
    cause: failed[0]?.cause,
    details: { tags: failed.map(({ target, version }) => ({ target, version: version ?? null })) },
  });
}
