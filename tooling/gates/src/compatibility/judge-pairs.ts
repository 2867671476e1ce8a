import { HxpError } from "@hxp/errors";
import { major, rcompare, satisfies } from "semver";
import type { Observation } from "../create-gate.ts";
import type { GateInput } from "../gate.ts";
import type { CompatibilityPair, Manager } from "./cell.ts";
import { readContract } from "./contracts.ts";
import { type Execution, executeConsumer } from "./execute-consumer.ts";
import { type MatrixOptions, overridesOf, toExecution } from "./judge-cells.ts";
import { type Consumer, type Pin, planConsumer } from "./plan-consumer.ts";
import type { PlannedPair } from "./plan-pairs.ts";
import type { Subject } from "./plan-units.ts";
import type { ReleasedPackage } from "./released-package.ts";
import { renderReproduction } from "./reproduce.ts";

/** Installs and runs each pair, on one Node with one manager. */
export async function judgePairs(pairs: readonly PlannedPair[], options: MatrixOptions): Promise<CompatibilityPair[]> {
  const judged = await Promise.all(pairs.map((pair) => judgePair(pair, options)));
  return judged.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf(pair: CompatibilityPair): string {
  return [pair.package, pair.version, pair.other, pair.otherVersion].join(" ");
}

async function judgePair(pair: PlannedPair, options: MatrixOptions): Promise<CompatibilityPair> {
  const subject = await findTested(pair.subject, options);
  const place = { node: pairNode(options.input), manager: pairManager(options.input) };
  const consumer = planPair(pair, pair.other.version, {
    subject,
    manager: place.manager,
    pins: overridesOf(options.input),
  });
  const execution = toExecution(subject, options, consumer);
  const [result] = await executeConsumer(consumer, [place.node], execution);
  if (result === undefined) throw new Error("A consumer was executed on no Node.");
  const isTooNew = !pair.isNewSubject && (await isContractTooNew(result, { pair, subject, options }));
  const [judged = result] = isTooNew
    ? await executeConsumer(consumer, [place.node], { ...execution, contracts: [] })
    : [result];
  const { key, outcome, reused } = judged;
  const contracts = subject.contract.files;
  return {
    key,
    package: pair.subject.name,
    version: pair.subject.version,
    other: pair.other.name,
    otherVersion: pair.other.version,
    ...place,
    ...outcome,
    reused,
    ...(isTooNew ? { notes: ["Today's contract test does not pass with the earlier releases alone: not run."] } : {}),
    reproduce: renderReproduction({
      consumer,
      node: place.node,
      managerVersion: options.bench.managers.get(place.manager) ?? "",
      contracts: isTooNew ? [] : contracts,
    }),
  };
}

/** What is tried against its contract: a package of this release, or one that stands in the workspace only. */
type Tested = Pick<Subject, "contract">;

async function findTested(
  { name }: ReleasedPackage,
  { input, subjects, surroundings }: MatrixOptions,
): Promise<Tested> {
  const subject = subjects.find(({ released }) => released.name === name);
  if (subject !== undefined) return subject;
  const importers = [...surroundings.lockfile.importers];
  const [folder = "."] = importers.find(([, { manifest }]) => manifest.name === name) ?? [];
  return { contract: await readContract(input, { name, folder }) };
}

/** A contract test may be about what an earlier release did not have yet: then it fails with that one's own partner, too. */
async function isContractTooNew(
  { outcome, node }: Execution,
  { pair, subject, options }: { pair: PlannedPair; subject: Tested; options: MatrixOptions },
): Promise<boolean> {
  const failed = outcome.checks.filter(({ verdict }) => verdict === "failed");
  if (failed.length === 0 || failed.some(({ name }) => !name.startsWith("contract "))) return false;
  const [partner] = options.surroundings.own
    .earlier(pair.other.name)
    .map(({ version }) => version)
    .filter((version) => satisfies(version, pair.range))
    .toSorted(rcompare);
  if (partner === undefined) return false;
  const consumer = planPair(pair, partner, {
    subject,
    manager: pairManager(options.input),
    pins: overridesOf(options.input),
  });
  const [control] = await executeConsumer(consumer, [node], toExecution(subject, options, consumer));
  return control?.outcome.verdict === "failed";
}

function planPair(
  { subject: released, name }: PlannedPair,
  version: string,
  { subject, manager, pins }: { subject: Tested; manager: Manager; pins: readonly Pin[] },
): Consumer {
  return planConsumer(released, {
    manager,
    versions: new Map([[name, version]]),
    extra: withoutReleased(subject.contract.extra, released),
    pins,
  });
}

/** What a contract test needs must not bring in another version of the package under test. */
function withoutReleased(
  extra: Readonly<Record<string, string>>,
  { name: subject }: ReleasedPackage,
): Record<string, string> {
  return Object.fromEntries(Object.entries(extra).filter(([name]) => name !== subject));
}

function pairNode({ policy, tools }: GateInput): string {
  const { node } = policy.compatibility.pairs;
  if (node !== undefined && !tools.nodes.includes(node)) {
    const message = `compatibility.pairs.node is ${node}, which is none of the release's Nodes: ${tools.nodes.join(", ")}.`;
    throw new HxpError("GATES_INVALID", message, { hint: "Name one of them, or leave the key out." });
  }
  const even = tools.nodes.filter((version) => major(version) % 2 === 0);
  return node ?? even.toSorted(rcompare)[0] ?? tools.nodes.at(-1) ?? "";
}

function pairManager({ policy, tools }: GateInput): Manager {
  const { manager } = policy.compatibility.pairs;
  return tools.managers.includes(manager) ? manager : (tools.managers[0] ?? "pnpm");
}

/** Pairs that a range admits and that do not work. */
export function observePairs(judged: readonly CompatibilityPair[], planned: readonly PlannedPair[]): Observation[] {
  return judged
    .filter(({ verdict }) => verdict === "failed")
    .map((pair) => {
      const plan = planned.find(
        ({ subject, other }) =>
          subject.name === pair.package &&
          subject.version === pair.version &&
          other.name === pair.other &&
          other.version === pair.otherVersion,
      );
      const failed = pair.checks.filter(({ verdict }) => verdict === "failed");
      const [names, range] = [`${pair.package} ${pair.version}`, plan?.range ?? ""];
      return {
        rule: "pair-broken",
        package: plan?.isNewSubject === false ? pair.other : pair.package,
        where: `${names} with ${pair.other} ${pair.otherVersion}`,
        message: `${names} does not work with ${pair.other} ${pair.otherVersion}, which its range ${range} admits. ${failed.map(({ name, message = "" }) => `${name}: ${message}`).join("\n")}`,
        why: "Consumers update packages one at a time, and their lockfiles keep the others back.",
        fix:
          plan?.isNewSubject === false
            ? `Keep ${pair.other} compatible with what ${names} uses, or release it as a major version, which ${range} leaves out. ${pair.reproduce}`
            : `Raise the range of ${pair.other} in package.json of ${pair.package} above ${pair.otherVersion}, or make ${pair.package} work with it. ${pair.reproduce}`,
        severity: "error" as const,
      };
    });
}
