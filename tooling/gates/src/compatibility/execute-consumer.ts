import type { InputDigest } from "../gate.ts";
import { type Catalogue, digestJson } from "./catalogue.ts";
import type { CellDependency, CellOutcome } from "./cell.ts";
import type { CellStore } from "./cell-store.ts";
import { renderProject } from "./consumer-project.ts";
import type { ContractFile } from "./contracts.ts";
import type { Consumer } from "./plan-consumer.ts";
import { digestSeen, isSameForNodes } from "./resolution-record.ts";
import { resolveConsumer, type Resolved, type ResolvedTree } from "./resolve-consumer.ts";
import { runCell, unresolvedOutcome } from "./run-cell.ts";
import type { Workbench } from "./workbench.ts";

/** Counts up when a cell would show something else for the same inputs. */
const procedure = 2;

/** What cells of one consumer need. */
export interface ExecutionOptions {
  bench: Workbench;
  store: CellStore;
  catalogue: Catalogue;
  contracts: readonly ContractFile[];
  contractTimeoutMs: number;
  /** Says what is wrong with a tree; the cells then fail without being installed. */
  check?: (tree: ResolvedTree) => string | undefined;
  /** Cells of this run, by key: an equal one is not run twice. */
  running: Map<string, Promise<{ outcome: CellOutcome; reused: boolean }>>;
}

/** An executed consumer on one Node. */
export interface Execution {
  node: string;
  key: string;
  outcome: CellOutcome;
  reused: boolean;
  dependencies: CellDependency[];
  inputs: InputDigest[];
}

/** Installs and runs a consumer on several Nodes, or finds that all that counts is as it was when it passed. */
export async function executeConsumer(
  consumer: Consumer,
  nodes: readonly string[],
  options: ExecutionOptions,
): Promise<Execution[]> {
  const resolver = createResolver(consumer, nodes, options);
  return Promise.all(nodes.map((node) => executeOn(node, { consumer, resolver, options })));
}

interface Resolver {
  /** The tree that the manager would resolve now, as far as that is known without asking it. */
  remembered(node: string): Promise<ResolvedTree | undefined>;
  resolve(node: string): Promise<Resolved | { failure: string }>;
}

interface Context {
  consumer: Consumer;
  resolver: Resolver;
  options: ExecutionOptions;
}

async function executeOn(node: string, context: Context): Promise<Execution> {
  const kept = await findKept(node, context);
  if (kept !== undefined) return kept;
  const resolved = await context.resolver.resolve(node);
  if ("failure" in resolved) return describeUnfit({ node, failure: resolved.failure }, context);
  const objection = context.options.check?.(resolved.tree);
  if (objection !== undefined) return describeUnfit({ node, failure: objection, tree: resolved.tree }, context);
  const dependencies = listDependencies(context.consumer, resolved.tree);
  return { node, dependencies, ...(await findOrRun({ node, resolved }, context)) };
}

/** A cell that passed in an earlier release, where nothing that it depends on has changed since. */
async function findKept(node: string, context: Context): Promise<Execution | undefined> {
  const { consumer, resolver, options } = context;
  const tree = await resolver.remembered(node);
  if (tree === undefined || options.check?.(tree) !== undefined) return undefined;
  const { key, inputs } = identify(tree, node, context);
  const outcome = await options.store.readCell(key);
  if (outcome === undefined) return undefined;
  return { node, key, outcome, reused: true, dependencies: listDependencies(consumer, tree), inputs };
}

/** A cell that could not be installed as it was meant. */
function describeUnfit(
  { node, failure, tree }: { node: string; failure: string; tree?: ResolvedTree },
  { consumer, options }: Context,
): Execution {
  const outcome = unresolvedOutcome(options.bench, { failure, node });
  const key = digestJson([procedure, renderProject(consumer), consumer.subject.integrity, node, tree?.digest ?? ""]);
  return { node, key, outcome, reused: false, dependencies: listDependencies(consumer, tree), inputs: [] };
}

/** An equal cell may be kept from an earlier release, or under way for another resolution. */
async function findOrRun(
  { node, resolved }: { node: string; resolved: Resolved },
  context: Context,
): Promise<Pick<Execution, "key" | "inputs" | "outcome" | "reused">> {
  const { running } = context.options;
  const identity = identify(resolved.tree, node, context);
  const earlier = running.get(identity.key);
  if (earlier !== undefined) return { ...identity, ...(await earlier), reused: true };
  const work = readOrRun({ key: identity.key, node, resolved }, context);
  running.set(identity.key, work);
  return { ...identity, ...(await work) };
}

async function readOrRun(
  { key, node, resolved }: { key: string; node: string; resolved: Resolved },
  { consumer, options }: Context,
): Promise<{ outcome: CellOutcome; reused: boolean }> {
  const { bench, store, contracts, contractTimeoutMs } = options;
  const kept = await store.readCell(key);
  if (kept !== undefined) return { outcome: kept, reused: true };
  const outcome = await runCell(bench, { consumer, resolved, node, contracts, contractTimeoutMs });
  await store.writeCell(key, outcome);
  return { outcome, reused: false };
}

/** pnpm is no program of Node, and npm gives every Node the same unless engines say otherwise: then one answer is enough. */
function createResolver(consumer: Consumer, nodes: readonly string[], options: ExecutionOptions): Resolver {
  const { bench, store, catalogue } = options;
  const { manager } = consumer;
  const [first = ""] = nodes;
  const asked = new Map<string, Promise<Resolved | { failure: string }>>();
  const keyOf = (node: string): string =>
    digestJson([
      procedure,
      manager,
      bench.managers.get(manager),
      manager === "npm" ? node : "",
      renderProject(consumer),
    ]);
  const ask = (node: string): Promise<Resolved | { failure: string }> => {
    const answer = asked.get(node) ?? resolveAndRemember(node);
    asked.set(node, answer);
    return answer;
  };
  const resolveAndRemember = async (node: string): Promise<Resolved | { failure: string }> => {
    const resolved = await resolveConsumer(bench, consumer, node);
    if ("failure" in resolved) return resolved;
    const seen = await digestSeen(resolved.tree, { consumer, catalogue });
    if (seen !== undefined) await store.writeRecord(keyOf(node), { tree: resolved.tree, seen });
    return resolved;
  };
  const recall = async (node: string): Promise<ResolvedTree | undefined> => {
    const record = await store.readRecord(keyOf(node));
    if (record === undefined) return undefined;
    return (await digestSeen(record.tree, { consumer, catalogue })) === record.seen ? record.tree : undefined;
  };
  const isShared = async (tree: ResolvedTree): Promise<boolean> =>
    manager === "pnpm" || isSameForNodes(tree, { consumer, catalogue, nodes });
  const remembered = new Map<string, Promise<ResolvedTree | undefined>>();
  const rememberedOn = (node: string): Promise<ResolvedTree | undefined> => {
    const answer = remembered.get(node) ?? recall(node);
    remembered.set(node, answer);
    return answer;
  };
  return {
    async remembered(node) {
      const tree = await rememberedOn(first);
      return tree !== undefined && (await isShared(tree)) ? tree : rememberedOn(node);
    },
    async resolve(node) {
      const resolved = await ask(first);
      if (node === first || (!("failure" in resolved) && (await isShared(resolved.tree)))) return resolved;
      return ask(node);
    },
  };
}

function identify(
  tree: ResolvedTree,
  node: string,
  { consumer, options }: Context,
): { key: string; inputs: InputDigest[] } {
  const { bench, contracts, contractTimeoutMs } = options;
  const { subject, manager } = consumer;
  const program = bench.nodes.get(node);
  const hex = Buffer.from(subject.integrity.replace("sha512-", ""), "base64").toString("hex");
  const inputs = [
    { name: `${subject.name}@${subject.version} tarball`, digest: `sha512:${hex}` },
    { name: "resolved tree", digest: tree.digest },
    { name: `node ${node}`, digest: program?.digest ?? "" },
    ...contracts.map(({ path, digest }) => ({ name: `contract ${path}`, digest })),
  ];
  return { key: digestJson([procedure, manager, bench.managers.get(manager), contractTimeoutMs, inputs]), inputs };
}

function listDependencies({ subject, expected }: Consumer, tree?: ResolvedTree): CellDependency[] {
  return subject.dependencies.map(({ name, range, kind }) => ({
    name,
    range,
    version: tree?.direct[name] ?? expected[name] ?? "not installed",
    kind,
  }));
}
