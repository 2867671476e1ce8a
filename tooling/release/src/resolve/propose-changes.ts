import type { Finding, ProductionClosure } from "@hxp/release-gates";
import type { Change } from "./change.ts";
import { type Accept, chooseVersions, moveSite } from "./choose-versions.ts";
import { findSites, type Site } from "./find-sites.ts";
import { proposeOverrides } from "./propose-overrides.ts";
import { proposePeers } from "./propose-peers.ts";
import type { ResolveWorld } from "./resolve-world.ts";

/** Some changes that belong together; each list is tried by itself, the first first. */
export type Candidate = Change[];

/** What a proposal is about. */
export interface Subject {
  finding: Finding;
  /** Id of the dependency, `name@version`. */
  id: string;
  name: string;
  version: string;
  /** Of the released package. */
  closure: ProductionClosure;
}

type Propose = (subject: Subject, world: ResolveWorld) => Promise<Candidate[]>;

/** Proposals by the rule of the finding. A rule that is not here needs a person. */
const proposals: Readonly<Record<string, Propose>> = {
  deprecated: (subject, world) =>
    replaceVersion(subject, world, { accept: ({ deprecated }) => deprecated === undefined }),
  "install-script": (subject, world) =>
    replaceVersion(subject, world, { accept: ({ manifest }) => manifest.installScripts.length === 0, older: true }),
  "version-unknown": (subject, world) => replaceVersion(subject, world, { older: true }),
  "engines-contradict": (subject, world) =>
    replaceVersion(subject, world, {
      accept: ({ manifest }) => world.runsOnClaimed(subject.closure, manifest.node),
      older: true,
    }),
  "source-exotic": (subject, world) => replaceVersion(subject, world, {}),
  "versions-repeated": uniteVersions,
  "singleton-repeated": uniteVersions,
  "peer-missing": proposePeers,
  "peer-undeclared": proposePeers,
  "peer-out-of-range": proposePeers,
  "peers-contradict": proposePeers,
  "range-overridden": removeOverrides,
};

/** Whether changes of versions can mend what a rule finds. */
export function isResolvable({ rule }: Pick<Finding, "rule">): boolean {
  return Object.hasOwn(proposals, rule);
}

/** Works out what may make a finding vanish; none where only a person can. */
export async function proposeChanges(finding: Finding, world: ResolveWorld): Promise<Candidate[]> {
  const propose = Object.hasOwn(proposals, finding.rule) ? proposals[finding.rule] : undefined;
  const { dependency } = finding;
  if (propose === undefined || dependency === undefined) return [];
  // What is the same for several packages names none, and shows the way from the first.
  const [first = ""] = finding.where.split(" > ");
  const closure = await world.closure(finding.package ?? nameOf(first));
  const name = nameOf(dependency);
  const subject = { finding, id: dependency, name, version: dependency.slice(name.length + 1), closure };
  const candidates = await propose(subject, world);
  return [...new Map(candidates.map((candidate) => [JSON.stringify(candidate), candidate])).values()];
}

function nameOf(id: string): string {
  const at = id.indexOf("@", 1);
  return at === -1 ? id : id.slice(0, at);
}

/** Another version of the dependency itself, or of what brings it. What consumers get, too, comes first. */
async function replaceVersion(
  subject: Subject,
  world: ResolveWorld,
  { accept, older = false }: { accept?: Accept; older?: boolean },
): Promise<Candidate[]> {
  const sites = findSites(subject.closure, subject.id, world);
  const direct = sites.filter(({ name }) => name === subject.name);
  const bringing = sites.filter(({ name }) => name !== subject.name);
  const facts = await world.facts(subject.name);
  const choice = { older, ...(accept === undefined ? {} : { accept }) };
  const moved = chooseVersions(facts, subject.version, choice).map((version) =>
    direct.flatMap((site) => moveSite(site, version, world)),
  );
  const within: Candidate[] = [
    withoutOverrides([subject.name, ...sites.map(({ name }) => name)], world),
    [{ kind: "refresh", name: subject.name }],
    ...(await proposeOverrides(subject, world, accept)),
  ];
  return [...moved, ...(bringing.length === 0 ? [] : within), ...(await moveBringing(bringing, world))].filter(
    (candidate) => candidate.length > 0,
  );
}

/** Newer versions of what brings a dependency: of all of it at once, then of each by itself. */
async function moveBringing(sites: readonly Site[], world: ResolveWorld): Promise<Candidate[]> {
  const choices = await Promise.all(
    sites.map(async (site) => ({ site, versions: chooseVersions(await world.facts(site.name), site.version) })),
  );
  const move = (index: number): Candidate =>
    choices.flatMap(({ site, versions }) => {
      const version = versions[index] ?? versions.at(-1);
      return version === undefined ? [] : moveSite(site, version, world);
    });
  const each = choices.flatMap(({ site, versions }) => versions.map((version) => moveSite(site, version, world)));
  return [move(0), move(1), ...each];
}

/** One version in place of several: what the ranges allow, else by newer versions of what brings the old one. */
async function uniteVersions(subject: Subject, world: ResolveWorld): Promise<Candidate[]> {
  const { name, closure } = subject;
  const ids = closure.components.filter((component) => component.name === name).map(({ id }) => id);
  const sites = findSites(closure, subject.id, world);
  const newest = ids.map((id) => id.slice(name.length + 1)).filter((version) => version !== subject.version);
  const moved = newest.map((version) =>
    sites.filter((site) => site.name === name).flatMap((site) => moveSite(site, version, world)),
  );
  const bringing = sites.filter((site) => site.name !== name);
  return [
    [{ kind: "refresh" as const, name }],
    ...(await proposeOverrides(subject, world)),
    ...moved,
    ...(await moveBringing(bringing, world)),
  ].filter((candidate) => candidate.length > 0);
}

/** Overrides are for the workspace alone. */
function removeOverrides({ name }: Subject, world: ResolveWorld): Promise<Candidate[]> {
  const removed = withoutOverrides([name], world);
  return Promise.resolve(removed.length === 0 ? [] : [removed]);
}

/** What removes the overrides of some packages, such as `a`, `a@1` and `b>a`. */
function withoutOverrides(names: readonly string[], world: ResolveWorld): Candidate {
  const isAbout = (selector: string): boolean => {
    const target = selector.slice(selector.lastIndexOf(">") + 1);
    return names.some((name) => target === name || target.startsWith(`${name}@`));
  };
  return Object.entries(world.overrides()).flatMap(([selector, from]): Change[] =>
    isAbout(selector) ? [{ kind: "override-removed", selector, from }] : [],
  );
}
