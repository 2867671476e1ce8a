import type { Component, ComponentLink, ProductionClosure } from "../../closure/component.ts";
import type { Match } from "../find-matches.ts";
import { indexClosure } from "../index-closure.ts";
import type { CodeStore } from "./code-store.ts";
import { judgeLink, type Use } from "./judge-link.ts";

/**
 * Whether code of a package leads, import by import, to a vulnerable one. `yes` along links that are imported; `no` where
 * each way has a link that is provably not; else `unknown`.
 */
export async function findReachability(match: Match, closure: ProductionClosure, store: CodeStore): Promise<Use> {
  const { root } = closure;
  const { id } = match.component;
  if (id === root.id) return { reachable: "yes", why: "it is what is released" };
  const { byId, leadingTo } = indexClosure(closure);
  const judge = async (from: Component, link: ComponentLink): Promise<Use> => {
    const to = byId.get(link.id);
    return judgeLink(from.id, await store.codeOf(closure, from), {
      alias: link.name,
      hasProgram: to === undefined || (await store.hasProgram(closure, to)),
      symbols: link.id === id ? match.symbols : [],
    });
  };
  return walk(root, { target: id, byId, judge, relevant: leadingTo(id) });
}

interface Walk {
  target: string;
  byId: ReadonlyMap<string, Component>;
  /** Packages from which the target can be reached. */
  relevant: ReadonlySet<string>;
  judge: (from: Component, link: ComponentLink) => Promise<Use>;
}

/** A package that is reached, how, and the first link on the way to it that may not be imported. */
interface Step {
  id: string;
  use: Use;
  doubt: Use | undefined;
}

/** Goes on along imports as long as there are any, and only then with doubts; the nearest first. */
async function walk(root: Component, { target, byId, relevant, judge }: Walk): Promise<Use> {
  const start: Step = { id: root.id, use: { reachable: "yes", why: "" }, doubt: undefined };
  const [certain, doubtful]: [Step[], Step[]] = [[], []];
  const visited = new Set<string>();
  const refusals = new Set<string>();
  for (let step: Step | undefined = start; step !== undefined; step = certain.shift() ?? doubtful.shift()) {
    if (step.id === target) return step.doubt ?? step.use;
    const from = byId.get(step.id);
    if (from === undefined || visited.has(step.id)) continue;
    visited.add(step.id);
    for (const link of from.dependencies.filter(({ id }) => relevant.has(id) && !visited.has(id))) {
      // oxlint-disable-next-line no-await-in-loop -- the first way that is found is enough
      const use = await judge(from, link);
      if (use.reachable === "no") refusals.add(use.why);
      else enqueue({ id: link.id, use, doubt: step.doubt ?? doubtOf(use) }, { certain, doubtful });
    }
  }
  return { reachable: "no", why: [...refusals].join("; ") };
}

function enqueue(step: Step, { certain, doubtful }: { certain: Step[]; doubtful: Step[] }): void {
  (step.doubt === undefined ? certain : doubtful).push(step);
}

function doubtOf(use: Use): Use | undefined {
  return use.reachable === "yes" ? undefined : use;
}
