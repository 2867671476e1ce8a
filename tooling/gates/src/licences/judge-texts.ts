import type { LicencesPolicy, PackageKind } from "../policy/licences-policy.ts";
import { findRefusedTerms } from "./is-allowed.ts";
import type { LicenceFact, RecognisedFile } from "./licence-fact.ts";
import type { LicenceStatement } from "./licence-statement.ts";
import { licencesFor } from "./licences-for.ts";
import { parseExpression, termsOf } from "./parse-expression.ts";

/** What the texts of a package say against its manifest. */
export interface TextProblem {
  rule: "licence-contradiction" | "licence-restricted" | "licence-differs";
  /** Goes on after the package's id. */
  message: string;
  fix: string;
}

/**
 * Compares what a package states with the texts that lie in it. A text that adds a restriction, or is under a licence
 * that is neither stated nor allowed, is a problem; so is one of an allowed licence that is not the stated one, of lesser
 * weight (`licence-differs`). Texts that are not recognised say nothing.
 */
export function judgeTexts(fact: LicenceFact, kind: PackageKind, policy: LicencesPolicy): TextProblem | undefined {
  const { recognised = [], statement, source } = fact;
  if (source === "clarification" || recognised.length === 0) return undefined;
  return findRestricted(recognised) ?? findContradiction(recognised, statement, licencesFor(policy, kind));
}

function findRestricted(recognised: readonly RecognisedFile[]): TextProblem | undefined {
  const text = recognised.find(({ restriction }) => restriction !== undefined);
  if (text === undefined) return undefined;
  return {
    rule: "licence-restricted",
    message: `has a licence text that takes back what the licence gives: ${text.file} says "${text.restriction}"`,
    fix: "Read the text. If it restricts nothing that is done here, state the licence in licences.clarifications with that reason; else replace the dependency.",
  };
}

function findContradiction(
  recognised: readonly RecognisedFile[],
  statement: LicenceStatement,
  allow: readonly string[],
): TextProblem | undefined {
  const stated = statedIds(statement);
  if (stated.size === 0) return undefined;
  const found = new Set(recognised.flatMap(({ licences }) => licences));
  const unstated = [...found].filter((id) => !stated.has(id));
  const refused = unstated.filter((id) => findRefusedTerms(id, allow).length > 0);
  const files = recognised.filter(({ licences }) => licences.length > 0).map(({ file }) => file);
  const claims = `states ${[...stated].join(", ")}, and its text (${files.join(", ")}) is ${[...found].join(" and ")}`;
  if (refused.length > 0) {
    return {
      rule: "licence-contradiction",
      message: `${claims}; the policy does not allow ${refused.join(", ")}`,
      fix: "Read the text and ask the author which of the two holds; state that in licences.clarifications, or replace the dependency.",
    };
  }
  const isOther = found.size > 0 && unstated.length === found.size;
  if (!isOther) return undefined;
  return {
    rule: "licence-differs",
    message: `${claims}; the policy allows both`,
    fix: "Nothing, if either will do: NOTICE carries the text. State in licences.clarifications which one it is.",
  };
}

/** Identifiers that a statement names, as texts are named: `GPL-3.0-or-later` is the text of GPL-3.0. */
function statedIds(statement: LicenceStatement): Set<string> {
  const expressions =
    statement.kind === "expression" ? [statement.expression] : statement.kind === "list" ? statement.expressions : [];
  const ids = expressions.flatMap((expression) => {
    const tree = parseExpression(expression);
    return tree === undefined ? [] : termsOf(tree).map(({ license }) => license.replace(/-(?:only|or-later)$/, ""));
  });
  // The LGPL is written as additions to the GPL, whose text comes with it.
  return new Set(ids.flatMap((id) => (id.startsWith("LGPL-") ? [id, "GPL-2.0", "GPL-3.0"] : [id])));
}
