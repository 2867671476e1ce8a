import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createAgedUpstream } from "../aged/aged-upstream.ts";
import { serveAged } from "../aged/serve-aged.ts";
import { createGate, type Inspection } from "../create-gate.ts";
import { digestOfTarball } from "../archive/planned-tarball.ts";
import { readLockfile } from "../closure/read-lockfile.ts";
import type { Gate, GateInput, JsonValue } from "../gate.ts";
import { createCatalogue } from "./catalogue.ts";
import { type CompatibilityDetails, resolutions } from "./cell.ts";
import { openCellStore } from "./cell-store.ts";
import { judgeCells, type MatrixOptions } from "./judge-cells.ts";
import { judgeFailures } from "./judge-failures.ts";
import { judgePairs, observePairs } from "./judge-pairs.ts";
import { observeClaims } from "./observe-claims.ts";
import { observeSurroundings } from "./observe-surroundings.ts";
import { readOwnPackages } from "./own-packages.ts";
import { planPairs } from "./plan-pairs.ts";
import { readSubject, type Subject, type Surroundings } from "./plan-units.ts";
import { setUpWorkbench } from "./workbench.ts";

/** Every promised combination was installed and run. */
export const compatibilityGate: Gate = createGate({
  name: "compatibility",
  title: "Every promised combination was installed and run",
  inspect,
});

async function inspect(input: GateInput): Promise<Inspection> {
  if (input.tools.managers.length === 0) {
    const notRun = "`managers` in the release configuration is empty, so there is nothing to install packages with";
    return { checked: 0, observations: [], inputs: [], notRun };
  }
  const lockfile = await readLockfile(input.workspace);
  const manifests = [...lockfile.importers.values()].map(({ manifest }) => manifest);
  const ownNames = new Set([...manifests, ...input.packages].map(({ name }) => name).filter((name) => name !== ""));
  const { releases } = input.policy.compatibility.pairs;
  const publicNames = [...ownNames].filter((name) => !manifests.some((entry) => entry.name === name && entry.private));
  const own = await readOwnPackages(input, { publicNames: new Set(publicNames), releases });
  const upstream = createAgedUpstream(input, lockfile);
  const surroundings: Surroundings = { lockfile, own, ownNames, catalogue: createCatalogue(upstream, own) };
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, ...(input.signal === undefined ? [] : [input.signal])]);
  const origin = await input.serve(own.tarballs);
  const isOwn = (name: string): boolean => own.versionsOf(name) !== undefined;
  await using aged = await serveAged({ registry: origin, upstream, isOwn });
  const bench = await setUpWorkbench({ ...input, signal }, { registry: aged.url, origin });
  try {
    const subjects = await Promise.all(input.packages.map((entry) => readSubject(input, entry, surroundings)));
    const store = openCellStore(join(input.cache, "compatibility"));
    const options: MatrixOptions = { input, subjects, surroundings, bench, store, running: new Map() };
    const cells = await judgeCells(options);
    const plan = planPairs(own, releases);
    const pairs = await judgePairs(plan.pairs, options);
    const everyOwn = [...own.released, ...own.earlierNames.flatMap((name) => own.earlier(name))];
    const leftOut = await upstream.describeLeftOut(everyOwn.map(({ manifest }) => manifest));
    const details: CompatibilityDetails = {
      nodes: [...input.tools.nodes],
      managers: [...input.tools.managers],
      resolutions: [...resolutions],
      cells,
      pairs,
      unclaimedNodes: subjects.flatMap(listUnclaimedNodes),
      unclaimedPairs: plan.unclaimed,
      minimumAgeMinutes: input.policy.compatibility.minimumAgeMinutes,
      tooYoung: leftOut.tooYoung,
    };
    return {
      checked: cells.length + pairs.length,
      observations: [
        ...observeSurroundings(input.scratch, input.tools.env["HOME"]),
        ...leftOut.observations,
        ...subjects.flatMap((subject) => observeClaims(subject, input)),
        ...(await judgeFailures(cells, options)),
        ...observePairs(pairs, plan.pairs),
      ],
      inputs: [{ name: "pnpm-lock.yaml", digest: lockfile.digest }, ...input.packages.map(digestOfTarball)],
      details: details as unknown as JsonValue,
    };
  } finally {
    // After a failure other cells are still under way.
    controller.abort(new Error("The gate has ended."));
    await bench.limit.idle();
    const left = ["cells", "pnpm-cache", "bin", "config"].map((name) => join(bench.scratch, name));
    await Promise.all(left.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 10 })));
  }
}

function listUnclaimedNodes({ released, claims }: Subject): CompatibilityDetails["unclaimedNodes"] {
  const { name, version, manifest } = released;
  const engines = manifest.engines?.["node"] ?? "";
  return claims.unclaimed.map((node) => ({ package: name, version, node, engines }));
}
