import type { Component } from "@hxp/release-gates";
import { gt, intersects, satisfies, validRange } from "semver";
import { type Accept, chooseVersions, moveSite, versionsIn } from "./choose-versions.ts";
import { findSites, siteIn } from "./find-sites.ts";
import type { Candidate, Subject } from "./propose-changes.ts";
import type { ResolveWorld } from "./resolve-world.ts";

/** That a package of the closure needs another beside it. */
interface Need {
  by: Component;
  peer: string;
  range: string;
}

/** Proposes a peer where there is none, another version of it, or other versions of those that do not agree on it. */
export async function proposePeers(subject: Subject, world: ResolveWorld): Promise<Candidate[]> {
  const needs = await readNeeds(subject, world);
  const own = needs.filter(({ by }) => by.id === subject.id);
  const candidates = own.map(async ({ peer, range }): Promise<Candidate[]> => {
    const others = needs.filter((need) => need.peer === peer && need.by.id !== subject.id);
    const found = subject.closure.components.find(({ name }) => name === peer);
    if (/missing|undeclared/.test(subject.finding.rule)) return addPeer(subject, world, { peer, range });
    const ranges = [range, ...others.map((need) => need.range)].filter((text) => validRange(text) !== null);
    // To go back with a peer takes something from consumers, so that comes last.
    const { newer, older } = await movePeer(subject, world, { peer, ranges, current: found?.version });
    return [
      ...newer,
      ...(await moveDependant(subject.id, {
        subject,
        world,
        accept: takes(peer, { ranges: others, current: found?.version }),
      })),
      ...(await moveOthers(others, { subject, world, peer, range })),
      ...older,
    ];
  });
  return (await Promise.all(candidates)).flat();
}

/** What each package of the closure needs beside it, as published. */
async function readNeeds({ closure }: Subject, world: ResolveWorld): Promise<Need[]> {
  const needs = closure.components.map(async (by) => {
    const facts = by.folder === undefined ? await world.facts(by.name) : undefined;
    const peers = facts?.version(by.version)?.manifest.peers ?? new Map<string, { range: string }>();
    return [...peers].map(([peer, { range }]) => ({ by, peer, range }));
  });
  return (await Promise.all(needs)).flat();
}

/** Next to what needs it: as a peer of its own, or as a dependency. */
function addPeer(
  { closure, id }: Subject,
  world: ResolveWorld,
  { peer, range }: { peer: string; range: string },
): Candidate[] {
  const folders = [...new Set(findSites(closure, id, world).map(({ folder }) => folder))];
  return (["peerDependencies", "dependencies"] as const).map((field) =>
    folders.map((folder) => ({ kind: "added", folder, field, name: peer, to: range })),
  );
}

/** The newest and the next older version of the peer that all take, where packages of the workspace name it themselves. */
async function movePeer(
  { closure }: Subject,
  world: ResolveWorld,
  { peer, ranges, current }: { peer: string; ranges: string[]; current: string | undefined },
): Promise<{ newer: Candidate[]; older: Candidate[] }> {
  if (current === undefined) return { newer: [], older: [] };
  const own = [closure.root, ...closure.components].flatMap(({ folder }) => (folder === undefined ? [] : [folder]));
  const sites = own.flatMap((folder) => siteIn(folder, { name: peer, version: current }, world));
  const versions = sites.length === 0 ? [] : versionsIn(await world.facts(peer), ranges);
  const move = (version: string | undefined): Candidate[] =>
    version === undefined ? [] : [sites.flatMap((site) => moveSite(site, version, world))];
  return {
    newer: move(versions.find((version) => gt(version, current))),
    older: move(versions.find((version) => gt(current, version))),
  };
}

/** Whether a version takes the peer that is there, or at least one that the others take. */
function takes(peer: string, { ranges, current }: { ranges: readonly Need[]; current: string | undefined }): Accept {
  return ({ manifest }) => {
    const range = manifest.peers.get(peer)?.range;
    if (range === undefined) return true;
    if (validRange(range) === null) return false;
    const isMet = current === undefined || satisfies(current, range, { includePrerelease: true });
    return isMet && ranges.every((need) => validRange(need.range) === null || intersects(need.range, range));
  };
}

interface Move {
  subject: Subject;
  world: ResolveWorld;
  accept: Accept;
}

/** Other versions of a dependant, or of what brings it. */
async function moveDependant(id: string, { subject, world, accept }: Move): Promise<Candidate[]> {
  const name = id.slice(0, id.indexOf("@", 1));
  const sites = findSites(subject.closure, id, world);
  const candidates = sites.map(async (site) => {
    const choice = site.name === name ? { accept, older: true } : {};
    const versions = chooseVersions(await world.facts(site.name), site.version, choice);
    return versions.map((version) => moveSite(site, version, world));
  });
  return (await Promise.all(candidates)).flat();
}

/** Other versions of those whose range has no version in common with that of the dependant. */
async function moveOthers(
  others: readonly Need[],
  { subject, world, peer, range }: { subject: Subject; world: ResolveWorld; peer: string; range: string },
): Promise<Candidate[]> {
  const apart = others.filter(
    (need) => validRange(need.range) !== null && validRange(range) !== null && !intersects(need.range, range),
  );
  const accept: Accept = ({ manifest }) => {
    const other = manifest.peers.get(peer)?.range;
    return other === undefined || (validRange(other) !== null && intersects(other, range));
  };
  const moved = apart.map((need) => moveDependant(need.by.id, { subject, world, accept }));
  return (await Promise.all(moved)).flat();
}
