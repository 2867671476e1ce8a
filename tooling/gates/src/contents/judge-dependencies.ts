import type { Observation } from "../create-gate.ts";
import type { GateInput, JsonValue } from "../gate.ts";
import { localProtocol } from "./check-manifest.ts";
import { type DependencyChange, isExotic } from "./compare-dependencies.ts";

/** What {@link judgeDependencies} takes beside the changes. */
export interface DependencyContext {
  /** Names that need no review: declared ones, and packages of this release. */
  expected: ReadonlySet<string>;
  /** Names that the last release of any package already had. */
  known: ReadonlySet<string>;
  /** Version of the last release. */
  last: string | undefined;
  minimumAgeDays: number;
  upstream: Pick<GateInput["upstream"], "packument">;
  now: Date;
}

const day = 24 * 60 * 60 * 1000;

/** Finds dependencies that come from no registry, and, against the last release, new ones and young ones. */
export async function judgeDependencies(
  changes: readonly DependencyChange[],
  context: DependencyContext,
): Promise<Observation[]> {
  const present = changes.filter(({ change }) => change !== "removed");
  const added = present.filter(
    (dependency) => dependency.change === "added" || (dependency.change === "changed" && isRenamed(dependency)),
  );
  const foreign = added.filter(({ target, range }) => !context.expected.has(target) && !isExotic(range));
  const judged = foreign.map(async (dependency) => judgeNew(dependency, await readAge(dependency, context), context));
  return [
    ...present.filter(({ range }) => isExotic(range) && !localProtocol.test(range)).map(exotic),
    ...(await Promise.all(judged)).flat(),
    ...present.filter(({ admitsAnother }) => admitsAnother).map(widened),
  ];
}

/** An alias that now stands for another package is a new dependency under an old name. */
function isRenamed({ name, target, rangeBefore = "" }: DependencyChange): boolean {
  const before = /^npm:((?:@[^@/]+\/)?[^@]+)/.exec(rangeBefore)?.[1] ?? name;
  return before !== target;
}

/** Days since the first version was published; a text says why that is unknown. */
async function readAge({ target }: DependencyChange, { upstream, now }: DependencyContext): Promise<number | string> {
  const packument = await upstream.packument(target);
  if (packument === undefined) return "the registry does not know it";
  const moment = firstPublished(packument["time"]);
  return moment === undefined ? "the registry does not say when it published it" : (now.getTime() - moment) / day;
}

/** The earliest of all times of a packument: some registries leave out when the name was created. */
function firstPublished(time: JsonValue | undefined): number | undefined {
  if (typeof time !== "object" || time === null || Array.isArray(time)) return undefined;
  const moments = Object.values(time).map((value) => Date.parse(typeof value === "string" ? value : ""));
  const known = moments.filter((moment) => !Number.isNaN(moment));
  return known.length === 0 ? undefined : Math.min(...known);
}

function judgeNew(dependency: DependencyChange, age: number | string, context: DependencyContext): Observation[] {
  const { name, target, range, field } = dependency;
  const where = `package.json ${field}.${name}`;
  const isKnown = context.known.has(target);
  const found: Observation[] = [
    {
      rule: "dependency-new",
      where,
      dependency: target,
      message: `${target} (${range}) is a dependency that ${context.last} did not have${isKnown ? ", but another package of this workspace" : ""}; ${describeAge(age)}.`,
      why: "What a worm cannot put into the package itself it puts into a dependency, which every consumer installs.",
      fix: `Look at ${target}. If it is meant, name it in contents.declared: { package, dependencies: ["${target}"], reason }; else remove it.`,
      severity: isKnown ? "warning" : "error",
    },
  ];
  if (isKnown || (typeof age === "number" && age >= context.minimumAgeDays)) return found;
  const young = typeof age === "number";
  return [
    ...found,
    {
      rule: young ? "dependency-young" : "dependency-age-unknown",
      where,
      dependency: target,
      message: young
        ? `${target} was first published ${Math.floor(age)} days ago; the policy asks for ${context.minimumAgeDays}.`
        : `How old ${target} is cannot be told: ${age}.`,
      why: "Packages that only exist to do harm are found within days, and are rarely older than that.",
      fix: young
        ? `Wait, or use an older package; contents.minimumDependencyAgeDays is the bound.`
        : "Use a registry that serves the package with its times, or have somebody answer for it in a waiver.",
      severity: "error",
    },
  ];
}

function describeAge(age: number | string): string {
  return typeof age === "number" ? `first published ${Math.floor(age)} days ago` : `of unknown age, because ${age}`;
}

function exotic({ name, range, field }: DependencyChange): Observation {
  return {
    rule: "dependency-exotic",
    where: `package.json ${field}.${name}`,
    dependency: name,
    message: `${name} is ${JSON.stringify(range)}: it comes from no registry.`,
    why: "Nobody scans, signs or keeps what comes from there, its prepare script runs, and it can change under the same name.",
    fix: "Depend on a version that a registry has, or copy the code into the package.",
    severity: "error",
  };
}

function widened({ name, range, rangeBefore, field }: DependencyChange): Observation {
  return {
    rule: "dependency-major",
    where: `package.json ${field}.${name}`,
    dependency: name,
    message: `${name} was ${rangeBefore} and is ${range}, which admits versions of another line.`,
    why: "Another major is other code by whoever publishes it now.",
    fix: "Nothing, if the change is meant: this is said so that somebody has seen it.",
    severity: "warning",
  };
}
