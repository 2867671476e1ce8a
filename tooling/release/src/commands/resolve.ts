import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { type Finding, type GateInput, type GateResult, type JsonObject, makeGateInput } from "@hxp/release-gates";
import { createGateTools } from "../judge/create-gate-tools.ts";
import { openUpstream } from "../registry/open-upstream.ts";
import type { ReleaseContext } from "../release-context.ts";
import { isResolvable, proposeChanges } from "../resolve/propose-changes.ts";
import { createResolveWorld, type ResolveWorld } from "../resolve/resolve-world.ts";
import { openScratchWorkspace, type ScratchWorkspace } from "../resolve/scratch-workspace.ts";
import { type Attempt, isSame, judgeConflicts, tryCandidates } from "../resolve/try-candidates.ts";
import { readWorkspace } from "../workspace/read-workspace.ts";
import type { Change } from "../resolve/change.ts";

/** What {@link resolveConflicts} takes. */
export interface ResolveOptions {
  /** Also tries to mend warnings. */
  warnings: boolean;
  /** Writes what was found into the workspace. */
  write: boolean;
}

/** What was found for the conflicts of a workspace. */
export interface ResolveOutcome {
  outcome: "nothing-to-resolve" | "resolved" | "unresolved";
  resolved: { finding: Finding; changes: Change[]; what: string[] }[];
  /** Errors, and warnings if they were asked for, that nothing was found for. */
  left: { finding: Finding; reason: string; attempts: Attempt[] }[];
  /** For `git apply` in the repository; empty where nothing changes. */
  diff: string;
  /** Files of the workspace that were written. */
  written: string[];
}

/**
 * `pnpm release resolve`: judges the conflicts of a workspace as it is, and tries in a scratch copy which versions,
 * ranges or overrides do away with each. Throws GATE_FAILED when the conflicts cannot be judged.
 */
export async function resolveConflicts(
  context: ReleaseContext,
  { warnings, write }: ResolveOptions,
): Promise<ResolveOutcome> {
  const { workspace, repository, childEnv, progress } = context;
  const { packages } = await readWorkspace(workspace);
  const folders = [...new Set([".", ...packages.map(({ folder }) => folder || ".")])];
  const upstream = await openUpstream(context);
  using scratch = await openScratchWorkspace({ workspace, prefix: repository.prefix, folders, env: childEnv });
  const input = createInput(context, { folder: workspace, upstream, packages });
  const found = await progress.step("Judge", async () => requireJudged(await judgeConflicts(input)));
  const wanted = found.filter(({ severity, waiver }) => waiver === undefined && (warnings || severity === "error"));
  if (wanted.length === 0) return { outcome: "nothing-to-resolve", resolved: [], left: [], diff: "", written: [] };
  const released = packages.filter((entry) => !entry.private);
  const world = createResolveWorld(scratch.folder, {
    folders: new Map(released.map(({ name, folder }) => [name, folder])),
    upstream,
    nodes: context.config.nodes,
  });
  const scratchInput = createInput(context, { folder: scratch.folder, upstream, packages });
  const before = scratch.read();
  const { resolved, left } = await resolveAll(wanted, { context, scratch, world, input: scratchInput });
  const diff = await scratch.diff();
  return {
    outcome: left.some(({ finding }) => finding.severity === "error") ? "unresolved" : "resolved",
    resolved,
    left,
    diff,
    written: write ? writeBack(workspace, { before, after: scratch.read() }) : [],
  };
}

interface InputParts {
  folder: string;
  upstream: GateInput["upstream"];
  packages: Awaited<ReturnType<typeof readWorkspace>>["packages"];
}

/** Conflicts are judged by lockfile, manifests and registry: nothing needs to be built or packed. */
function createInput(context: ReleaseContext, { folder, upstream, packages }: InputParts): GateInput {
  const released = packages.filter((entry) => !entry.private);
  const { policy } = context.config;
  return makeGateInput({
    workspace: folder,
    scratch: join(context.paths.work, "resolve"),
    packages: released.map(({ name, version, folder: own, manifest }) => ({
      name,
      version,
      folder: own,
      private: false,
      manifest: manifest as JsonObject,
      tarball: { path: "", integrity: "" },
    })),
    policy,
    upstream,
    tools: createGateTools(context),
    now: new Date(context.clock()),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
}

function requireJudged(result: GateResult): Finding[] {
  const whole = result.findings.find(({ where, severity }) => where === "the whole release" && severity === "error");
  if (whole === undefined) return result.findings;
  throw new HxpError("GATE_FAILED", `The conflicts cannot be judged: ${result.reason ?? whole.message}`, {
    details: { verdicts: [result] },
  });
}

interface Resolving {
  context: ReleaseContext;
  scratch: ScratchWorkspace;
  world: ResolveWorld;
  input: GateInput;
}

/** One finding after the other, each on top of what was found for those before it. */
async function resolveAll(
  wanted: readonly Finding[],
  { context, scratch, world, input }: Resolving,
): Promise<Pick<ResolveOutcome, "resolved" | "left">> {
  const { progress, childEnv: env } = context;
  const resolved: ResolveOutcome["resolved"] = [];
  const left: ResolveOutcome["left"] = [];
  const first = (await judgeConflicts(input)).findings;
  let before = first;
  for (const finding of wanted) {
    if (!first.some((other) => isSame(other, finding))) {
      left.push({ finding, reason: `It is seen in installed files only: ${finding.fix}`, attempts: [] });
      continue;
    }
    const current = before.find((other) => isSame(other, finding));
    if (current === undefined) {
      resolved.push({ finding, changes: [], what: ["went with what was found for another"] });
      continue;
    }
    if (!isResolvable(finding)) {
      left.push({ finding, reason: `No other version mends it: ${finding.fix}`, attempts: [] });
      continue;
    }
    const title = `${finding.rule} ${finding.dependency ?? ""}`;
    // oxlint-disable-next-line no-await-in-loop -- each stands on what was found for the one before
    const resolution = await progress.step(title, async (report) => {
      const candidates = await proposeChanges(current, world);
      return tryCandidates({ scratch, input, finding: current, candidates, before, env, onTry: report });
    });
    if (resolution.outcome === "resolved") {
      const { changes, what, findings } = resolution;
      resolved.push({ finding, changes, what });
      before = findings;
    } else left.push({ finding, ...explain(finding, resolution.attempts) });
  }
  return { resolved, left };
}

function explain(finding: Finding, attempts: Attempt[]): { reason: string; attempts: Attempt[] } {
  const reason =
    attempts.length === 0
      ? `Neither a newer version nor one that its dependants take is known: ${finding.fix}`
      : `Tried without success: ${attempts.map(({ what, why }) => `${what.join(", ")}: ${why}`).join("; ")}`;
  return { reason, attempts };
}

/** Writes changed files, unless somebody else has changed one since it was read. */
function writeBack(
  workspace: string,
  { before, after }: { before: ReadonlyMap<string, string>; after: ReadonlyMap<string, string> },
): string[] {
  const changed = [...after].filter(([path, text]) => before.get(path) !== text);
  const moved = changed.find(([path]) => readFileSync(join(workspace, path), "utf8") !== before.get(path));
  if (moved !== undefined) throw new HxpError("WORKSPACE_DIRTY", `${moved[0]} has changed while this command ran`);
  for (const [path, text] of changed) writeFileSync(join(workspace, path), text);
  return changed.map(([path]) => path);
}
