import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { writeFileDurably } from "@hxp/evidence/durable";
import { testResultPredicate } from "@hxp/evidence";
import { evidenceFiles, type SealedRelease, tarballSubject } from "@hxp/evidence/release";
import { createSecondOpinionGate, isBlocking, runGates } from "@hxp/release-gates";
import type { Signing } from "../evidence/signing.ts";
import { createGateInput } from "../judge/create-gate-input.ts";
import { renderVerdicts } from "../output/render-verdicts.ts";
import type { OpenRegistry } from "../registry/open-registry.ts";
import type { ReleaseContext } from "../release-context.ts";
import { type ConsumerSurface, readConsumerSurface } from "../smoke/check-script.ts";
import { type ConsumerRegistry, openConsumerRegistry } from "../smoke/open-consumer-registry.ts";
import { runSmokeCell, type SmokeCell, type SmokeResult } from "../smoke/run-smoke-cell.ts";
import { ensureNode, ensureNpm, ensureTypescript, withNode } from "../workspace/toolchain.ts";
import { discardFolder } from "../workspace/discard-folder.ts";
import { defineStep, type Report } from "./step.ts";

/** Plays consumers of the staged packages, each package manager on each Node; the channel moves only when all succeed. */
export const smoke = defineStep({
  name: "smoke",
  title: "Smoke-test as a consumer",
  needs: ["sealed", "packages", "registry", "signing", "built"],
  gives: [],
  run: async (context, { sealed, packages, registry, signing, built }, report) => {
    const surfaces = packages.map(({ manifest }) => readConsumerSurface(manifest));
    const specifiers = packages.map(({ name }) => `${name}@${sealed.plan.stagingTag}`);
    const folder = join(context.paths.work, `smoke-${sealed.id.slice(0, 16)}`);
    mkdirSync(folder, { recursive: true });
    const cells = context.config.managers.flatMap((manager) => context.config.nodes.map((node) => ({ manager, node })));
    await using consumers = await openConsumerRegistry(context, { workspace: built.workspace, folder, registry });
    const results = await runCells(cells, { context, surfaces, specifiers, folder, consumers, report });
    const leftOut = await consumers.describeLeftOut(packages.map(({ manifest }) => manifest));
    assertPassed(results, leftOut);
    for (const line of leftOut) context.progress.note(line);
    await askSecondOpinion(context, { sealed, registry, workspace: built.workspace, results, report });
    await signResults(sealed, { results, signing });
    discardFolder(folder, join(context.paths.work, "trash"));
    return {};
  },
  resume: async () => ({}),
});

interface CellsOptions {
  context: ReleaseContext;
  surfaces: readonly ConsumerSurface[];
  specifiers: readonly string[];
  folder: string;
  consumers: ConsumerRegistry;
  report: Report;
}

/** Two at a time: a consumer install keeps about one core busy, and more would only get in each other's way. */
async function runCells(cells: readonly SmokeCell[], options: CellsOptions): Promise<SmokeResult[]> {
  const waiting = [...cells];
  // Types are the same on every Node; pnpm, the last manager, hoists nothing that a package forgot to depend on.
  const typeCell = cells.findLast(({ node }) => node === cells[0]?.node);
  const results: SmokeResult[] = [];
  const work = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      const result = await runCell(cell, cell !== typeCell, options);
      results.push(result);
      options.report(`${results.length} of ${cells.length}: ${cell.manager} on Node ${cell.node} ${result.verdict}`);
    }
  };
  await Promise.all([work(), work()]);
  return results;
}

async function runCell(cell: SmokeCell, skipsTypes: boolean, options: CellsOptions): Promise<SmokeResult> {
  const { context, surfaces, specifiers, folder, consumers } = options;
  const { childEnv, signal, paths } = context;
  const tools = { folder: paths.toolchain, env: childEnv, signal };
  const bin = await ensureNode(cell.node, tools);
  const hasTypes = surfaces.some(({ types }) => types.length > 0);
  return runSmokeCell(cell, {
    project: join(folder, `${cell.manager}-${cell.node}`),
    registry: consumers.url,
    specifiers,
    surfaces,
    env: withNode(consumers.env, bin),
    npmCli: cell.manager === "npm" ? await ensureNpm(context.config.npm, tools) : "",
    npmCache: join(paths.cache, "npm"),
    tsc: hasTypes && !skipsTypes ? await ensureTypescript(tools) : undefined,
    signal,
  });
}

function assertPassed(results: readonly SmokeResult[], leftOut: readonly string[]): void {
  const failed = results.filter(({ verdict }) => verdict === "failed");
  if (failed.length === 0) return;
  const lines = failed.map(({ manager, node, failures }) => `${manager} on Node ${node}: ${failures.join("\n")}`);
  throw new HxpError("SMOKE_FAILED", [...lines, ...leftOut].join("\n"), { details: { cells: failed } });
}

interface SecondOpinionParts {
  sealed: SealedRelease;
  registry: OpenRegistry;
  workspace: string;
  results: readonly SmokeResult[];
  report: Report;
}

/** license-checker looks at what npm installed; where it disagrees with the licences gate, somebody has to look. */
async function askSecondOpinion(context: ReleaseContext, parts: SecondOpinionParts): Promise<void> {
  const { sealed, results } = parts;
  const consumer = results.find(({ manager }) => manager === "npm");
  if (results.length === 0 || !context.config.gates.includes("licences")) return;
  const input = await createGateInput(context, parts);
  const opinions = await runGates([createSecondOpinionGate(consumer?.project)], input, {
    otherGates: context.config.gates,
  });
  const path = join(sealed.folder, evidenceFiles.smoke, "second-opinion.json");
  writeFileDurably(path, `${JSON.stringify(opinions, null, 2)}\n`);
  context.progress.note(renderVerdicts(opinions));
  if (opinions.some((opinion) => isBlocking(opinion))) {
    throw new HxpError("GATE_FAILED", "The second opinion on licences did not pass", { details: { opinions } });
  }
}

async function signResults(
  sealed: SealedRelease,
  { results, signing }: { results: readonly SmokeResult[]; signing: Signing },
): Promise<void> {
  const folder = join(sealed.folder, evidenceFiles.smoke);
  mkdirSync(folder, { recursive: true });
  const cells = results.map(({ manager, node, verdict, failures, durationMs }) => ({
    manager,
    node,
    verdict,
    failures,
    durationMs,
  }));
  writeFileSync(join(folder, "cells.json"), `${JSON.stringify(cells, null, 2)}\n`);
  const statement = testResultPredicate.create(
    sealed.plan.packages.map((entry) => tarballSubject(entry)),
    {
      result: "PASSED",
      configuration: cells.map(({ manager, node }) => ({ name: manager, uri: `pkg:generic/node@${node}` })),
      passedTests: cells.map(({ manager, node }) => `${manager} on Node ${node}`),
    },
  );
  writeFileDurably(join(folder, "smoke.sigstore.json"), `${JSON.stringify(await signing.sign(statement))}\n`);
}
