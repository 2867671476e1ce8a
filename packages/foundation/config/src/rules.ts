import { formatPath } from "./path.ts";
import { at, type Finding } from "./problem.ts";
import type { Rule, RuleContext, RuleFinding } from "./schema/define-schema.ts";
import { type ConfigNode, placeOf } from "./tree.ts";

/** What rules are run on. */
export interface RuleSubject {
  /** The top-level keys that are right one by one. */
  sections: Readonly<Record<string, unknown>>;
  /** The top-level keys that have errors. */
  faulty: ReadonlySet<string>;
  tree: ConfigNode | undefined;
  context: RuleContext;
}

/** Runs every rule whose keys are free of errors. A rule that throws is reported, and the others still run. */
export function runRules(rules: readonly Rule<never>[], subject: RuleSubject): Finding[] {
  const { sections, faulty, tree, context } = subject;
  const ready = rules.filter((rule) => rule.reads.every((key) => !faulty.has(key)));
  return ready.flatMap((rule) => {
    const seen = Object.fromEntries(rule.reads.map((key) => [key, sections[key]]));
    return runRule(rule, seen as never, context).map((found) => toFinding(found, tree));
  });
}

type Broken = RuleFinding & { code?: Finding["code"] };

function runRule(rule: Rule<never>, config: never, context: RuleContext): readonly Broken[] {
  try {
    return rule.check(config, context);
  } catch (error) {
    const message = `A rule on ${rule.reads.join(", ")} failed: ${error instanceof Error ? error.message : "unknown"}`;
    return [{ code: "INTERNAL", path: [], message }];
  }
}

function toFinding(found: Broken, tree: ConfigNode | undefined): Finding {
  const { code = "CONFIG_RULE_BROKEN", path, message, severity = "error", expected } = found;
  const subject = formatPath(path);
  return {
    code,
    severity,
    path,
    ...at(placeOf(tree, path)),
    message: subject === "" || message.includes(subject) ? message : `${subject}: ${message}`,
    ...(expected === undefined ? {} : { expected }),
  };
}
