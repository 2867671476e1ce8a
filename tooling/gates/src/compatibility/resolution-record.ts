import { Range, satisfies, validRange } from "semver";
import { readTarget } from "../versions/read-target.ts";
import { nameOf, versionOf } from "../versions/split-id.ts";
import { type Catalogue, digestJson, type KnownPackage, type KnownVersion } from "./catalogue.ts";
import { renderProject } from "./consumer-project.ts";
import type { Consumer } from "./plan-consumer.ts";
import type { ResolvedTree, TreeEntry } from "./resolve-consumer.ts";

/**
 * Digest of everything that decided how a tree was resolved: for each name in it, the versions that one of the asked
 * ranges admits, with their digests, deprecations and engines, and the tags among them. Equal digests mean that the same
 * question would get the same answer, and nothing has to be resolved again. Undefined where a name is unknown.
 */
export async function digestSeen(
  { entries }: Pick<ResolvedTree, "entries">,
  { consumer, catalogue }: { consumer: Consumer; catalogue: Catalogue },
): Promise<string | undefined> {
  const wanted = await listWanted(entries, { consumer, catalogue });
  if (wanted === undefined) return undefined;
  const seen = [...wanted]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(async ([name, ranges]) => [name, describeCandidates(await catalogue(name), [...ranges].toSorted())]);
  return digestJson([renderProject(consumer), await Promise.all(seen)]);
}

/** Whether every Node of the matrix gets the same tree from npm, which prefers versions whose engines fit. */
export async function isSameForNodes(
  { entries }: Pick<ResolvedTree, "entries">,
  { consumer, catalogue, nodes }: { consumer: Consumer; catalogue: Catalogue; nodes: readonly string[] },
): Promise<boolean> {
  const wanted = await listWanted(entries, { consumer, catalogue });
  if (wanted === undefined) return false;
  for (const [name, ranges] of wanted) {
    // oxlint-disable-next-line no-await-in-loop -- all of them were asked for before
    const known = await catalogue(name);
    const differs = candidatesOf(known, [...ranges]).some(({ engines }) => {
      const fits = nodes.map((node) => engines === undefined || satisfies(node, engines));
      return fits.some((fit) => fit !== fits[0]);
    });
    if (differs) return false;
  }
  return true;
}

type Wanted = Map<string, Set<string>>;

/** Names with the ranges that are asked of them, by the consumer and by every package of the tree. */
async function listWanted(
  entries: readonly TreeEntry[],
  { consumer, catalogue }: { consumer: Consumer; catalogue: Catalogue },
): Promise<Wanted | undefined> {
  const wanted: Wanted = new Map();
  const want = (name: string, range: string): void => {
    const { target, versions } = readTarget(name, range);
    wanted.set(target, (wanted.get(target) ?? new Set()).add(versions));
  };
  for (const [name, range] of Object.entries({ ...consumer.dependencies, ...consumer.optionalDependencies })) {
    want(name, range);
  }
  const present = new Set(entries.map(({ id }) => nameOf(id)));
  const pins = new Map(consumer.pins.map(({ parent = "", name, spec }) => [`${parent}>${name}`, spec]));
  const ids = [...new Set(entries.map(({ id }) => id))];
  const manifests = await Promise.all(
    ids.map(async (id) => (await catalogue(nameOf(id)))?.versions.get(versionOf(id))),
  );
  for (const [index, id] of ids.entries()) {
    const manifest = manifests[index];
    if (manifest === undefined) return undefined;
    const peers = Object.entries(manifest.peerDependencies).filter(([name]) => present.has(name));
    const below = { ...Object.fromEntries(peers), ...manifest.optionalDependencies, ...manifest.dependencies };
    for (const [name, range] of Object.entries(below)) {
      want(name, pins.get(`${id}>${name}`) ?? pins.get(`>${name}`) ?? range);
    }
  }
  return wanted;
}

function describeCandidates(known: KnownPackage | undefined, ranges: readonly string[]): unknown {
  if (known === undefined) return "unknown";
  const candidates = candidatesOf(known, ranges);
  const among = new Set(candidates.map(({ version }) => version));
  const tags = Object.entries(known.tags).filter(
    ([tag, version]) => ranges.includes(tag) || (tag === "latest" && among.has(version)),
  );
  return [
    ranges,
    candidates.map(({ version, integrity, isDeprecated, engines }) => [
      version,
      integrity,
      isDeprecated,
      engines ?? "",
    ]),
    tags.toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ];
}

function candidatesOf(known: KnownPackage | undefined, ranges: readonly string[]): KnownVersion[] {
  if (known === undefined) return [];
  const candidates = new Set(ranges.flatMap((range) => versionsIn(known, range)));
  return [...candidates].toSorted((a, b) => (a.version < b.version ? -1 : 1));
}

const answered = new WeakMap<KnownPackage, Map<string, KnownVersion[]>>();

/** Asked for the same name and range by hundreds of trees, and slow for names with thousands of versions. */
function versionsIn(known: KnownPackage, range: string): KnownVersion[] {
  const answers = answered.get(known) ?? new Map<string, KnownVersion[]>();
  answered.set(known, answers);
  const answer = answers.get(range) ?? findVersions(known, range);
  answers.set(range, answer);
  return answer;
}

function findVersions({ tags, versions }: KnownPackage, range: string): KnownVersion[] {
  if (validRange(range) === null) {
    const tagged = versions.get(tags[range] ?? range);
    return tagged === undefined ? [] : [tagged];
  }
  const parsed = new Range(range);
  return [...versions.values()].filter(({ version }) => parsed.test(version));
}
