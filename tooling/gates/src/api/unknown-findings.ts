import type { Observation } from "../create-gate.ts";
import type { ApiPackage } from "./api-change.ts";
import { isSmaller, leastBump } from "./bump.ts";
import type { ApiProblem } from "./compare-package.ts";

/**
 * A finding for each thing of a package that could not be compared. For declarations it is an error only where a break
 * could hide: a first release has promised nothing, and a bump that allows any break cannot be too small, so there it is
 * a warning. Programs and values that cannot be read are errors always, because the policy can leave them out.
 */
export function findUnknown(item: ApiPackage, problems: readonly ApiProblem[]): Observation[] {
  return problems.map(({ rule, where, message }) => {
    const isError = !rule.startsWith("types-") || canHideBreak(item);
    return {
      rule,
      package: item.name,
      where,
      message,
      why: reasons[rule],
      fix: fixOf(rule, item),
      severity: isError ? "error" : "warning",
    };
  });
}

function canHideBreak({ from, declared }: ApiPackage): boolean {
  return from !== undefined && declared !== "first" && isSmaller(declared, leastBump("major", from));
}

const reasons: Readonly<Record<ApiProblem["rule"], string>> = {
  "types-unresolved": "A type that does not resolve is `any` to the compiler, and any change of it passes unseen.",
  "types-incomplete": "A breaking change can be among what was not looked at.",
  "programs-unknown": "Scripts break when a command or flag goes, and nothing else shows it.",
  "data-unknown": "The policy says that consumers rely on the value, so a release must not change it unseen.",
};

const fixes: Readonly<Record<ApiProblem["rule"], string>> = {
  "types-unresolved":
    "Pack declarations for what is exported, with what they import in `dependencies` or `peerDependencies` and installed.",
  "types-incomplete": "Split the package.",
  "programs-unknown":
    "Make the program answer `--help` with exit code 0, a usage, and its commands below `Commands:`, or name it in the policy under `api.cli.ignore`.",
  "data-unknown": "Make the package importable as it is packed, or correct `api.data` in the policy.",
};

/** Declarations of the last release cannot be mended, so there is a way past them. */
function fixOf(rule: ApiProblem["rule"], item: ApiPackage): string {
  const { name, from } = item;
  if (from === undefined || !rule.startsWith("types-") || !canHideBreak(item)) return fixes[rule];
  const waiver = `{ gate: "api", rule: "${rule}", package: "${name}", owner: "<who>", reason: "<what you compared>", expires: "<date, at most 90 days on>" }`;
  return `${fixes[rule]} Or release it as a ${leastBump("major", from)}, or compare the declarations by hand and add to \`policy.waivers\`: ${waiver}`;
}
