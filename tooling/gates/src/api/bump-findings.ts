import type { Observation } from "../create-gate.ts";
import type { ApiChange, ApiPackage, Bump } from "./api-change.ts";
import { isSmaller, largestBump, leastBump } from "./bump.ts";

const most = 8;

/** A finding for each kind of change that the declared bump is too small for. */
export function findSmallBumps({ name, from, to, declared, changes }: ApiPackage): Observation[] {
  if (from === undefined || declared === "first") return [];
  const tooMuch = changes.filter(({ bump }) => isSmaller(declared, leastBump(bump, from)));
  return [...new Set(tooMuch.map(({ kind }) => kind))].map((kind) => {
    const these = tooMuch.filter((change) => change.kind === kind);
    const least = leastBump(largestBump(these.map(({ bump }) => bump)), from);
    return {
      rule: `bump-too-small-${kind}`,
      package: name,
      where: [...new Set(these.map(({ where }) => where))].slice(0, most).join(", "),
      message: `${from} → ${to} is a ${declared} and must be a ${least}: ${list(these)}`,
      why: whyOf(these),
      fix: fixOf(name, least),
      severity: "error" as const,
    };
  });
}

function list(changes: readonly ApiChange[]): string {
  const texts = changes.slice(0, most).map(({ where, reason, before, after }) => {
    const was = before === undefined ? "" : ` Before: ${before}.`;
    const is = after === undefined ? "" : ` After: ${after}.`;
    return `${where}: ${reason}${was}${is}`;
  });
  const rest = changes.length - texts.length;
  return [...texts, ...(rest > 0 ? [`And ${rest} more.`] : [])].join(" ");
}

function whyOf(changes: readonly ApiChange[]): string {
  return changes.some(({ bump }) => bump === "major")
    ? "Whoever takes every update that the version promises to be safe gets a package that breaks what they wrote."
    : "Consumers tell by the version whether there is something new; a patch says that there is not.";
}

function fixOf(name: string, least: Bump): string {
  const changeset = `---\n"${name}": ${least}\n---\n\n<what consumers see, and what they do about it>`;
  return `Run \`pnpm changeset\` and choose ${least} for ${name}, or take the change back. The changeset:\n${changeset}`;
}
