import suggest from "spdx-correct";
import type { Observation } from "../create-gate.ts";
import type { LicencesPolicy, PackageKind } from "../policy/licences-policy.ts";
import { findRefusedTerms, isAllowed } from "./is-allowed.ts";
import type { LicenceFact } from "./licence-fact.ts";
import { printStatement, type LicenceStatement } from "./licence-statement.ts";
import { judgeTexts } from "./judge-texts.ts";
import { licencesFor } from "./licences-for.ts";

/** What the policy says about the licence of one package. */
export interface LicenceVerdict {
  /** Id of the component, `name@version`. */
  id: string;
  name: string;
  version: string;
  /** The licence as stated, or `none`. */
  licence: string;
  /** Where the statement was read. */
  source: LicenceFact["source"];
  /** What the package is, as far as its licence is concerned. */
  kind: PackageKind;
  /** Whether every way to the package is an optional one. */
  optional: boolean;
  allowed: boolean;
  /** Why it is not allowed. */
  problem?: LicenceProblem;
  /** What is odd about it, though it is allowed. */
  doubt?: LicenceProblem;
}

/** What a finding says about a licence that is not allowed. */
export type LicenceProblem = Pick<Observation, "rule" | "message" | "why" | "fix">;

/** Says what stands against the licence of a kind of package, undefined if nothing. Throws LICENCE_POLICY_INVALID. */
export function judgeStatement(
  statement: LicenceStatement,
  kind: PackageKind,
  policy: LicencesPolicy,
): LicenceProblem | undefined {
  const allow = licencesFor(policy, kind);
  if (statement.kind === "expression") return judgeExpression(statement.expression, kind, allow);
  if (statement.kind === "list") return judgeList(statement.expressions, allow);
  if (statement.kind === "invalid") return judgeInvalid(statement.text);
  if (statement.kind === "file") {
    return problem("licence-file", {
      message: `says only where its licence text is: ${statement.file}`,
      fix: "Read that file and state in licences.clarifications which SPDX licence it is.",
    });
  }
  if (statement.kind === "unlicensed") {
    return problem("licence-refused", {
      message: "is UNLICENSED: nobody may use it",
      fix: "Remove the dependency. For a package of this workspace, name UNLICENSED in licences.ownLicences.",
    });
  }
  return problem("licence-missing", {
    message: "states no licence",
    fix: "Find its licence text and state in licences.clarifications which SPDX licence it is, or remove the dependency.",
  });
}

function judgeExpression(expression: string, kind: PackageKind, allow: string[]): LicenceProblem | undefined {
  const refused = findRefusedTerms(expression, allow);
  if (refused.length === 0) return undefined;
  return problem("licence-refused", {
    message: `is under ${expression}; the policy does not allow ${refused.join(", ")} for ${kind}`,
    fix: "Replace the dependency by one under an allowed licence, or have the licence reviewed and added to licences.allow.",
  });
}

function judgeList(expressions: string[], allow: string[]): LicenceProblem | undefined {
  const refused = expressions.filter((expression) => !isAllowed(expression, allow));
  if (refused.length === 0) return undefined;
  return problem("licence-refused", {
    message: `lists ${expressions.join(", ")} in the deprecated field licenses; the policy does not allow ${refused.join(", ")}`,
    fix: "If the list means a choice, state it in licences.clarifications, as in `A OR B`; else replace the dependency.",
  });
}

function judgeInvalid(text: string): LicenceProblem {
  const suggestion = text.length > 200 ? null : suggest(text);
  const hint = suggestion === null ? "" : ` It may mean ${suggestion}.`;
  return problem("licence-invalid", {
    message: `states ${JSON.stringify(text.slice(0, 200))}, which is no SPDX expression`,
    fix: `Read its licence text and state in licences.clarifications which SPDX licence it is.${hint}`,
  });
}

function problem(rule: string, { message, fix }: { message: string; fix: string }): LicenceProblem {
  return { rule, message, fix, why: "Whoever passes a package on needs the right to, from each of its authors." };
}

/** Judges one package; a package of the workspace may also have one of the policy's `ownLicences`. */
export function judgeLicence(fact: LicenceFact, kind: PackageKind, policy: LicencesPolicy): LicenceVerdict {
  const { component, statement, source } = fact;
  const licence = printStatement(statement);
  const isOwn = component.folder !== undefined && policy.ownLicences.includes(licence);
  const { problem: found, doubt } = isOwn ? {} : findProblem(fact, kind, policy);
  const { id, name, version, optional } = component;
  return {
    id,
    name,
    version,
    licence,
    source,
    kind,
    optional,
    allowed: found === undefined,
    ...(found === undefined ? {} : { problem: found }),
    ...(doubt === undefined ? {} : { doubt }),
  };
}

function findProblem(
  fact: LicenceFact,
  kind: PackageKind,
  policy: LicencesPolicy,
): { problem?: LicenceProblem; doubt?: LicenceProblem } {
  const stated = judgeUnknown(fact) ?? judgeStatement(fact.statement, kind, policy);
  if (stated !== undefined) return { problem: stated };
  const byText = judgeTexts(fact, kind, policy);
  if (byText === undefined) return {};
  const { rule, message, fix } = byText;
  return rule === "licence-differs"
    ? { doubt: problem(rule, { message, fix }) }
    : { problem: problem(rule, { message, fix }) };
}

function judgeUnknown({ source }: LicenceFact): LicenceProblem | undefined {
  if (source !== "nowhere") return undefined;
  return problem("licence-unknown", {
    message: "is neither installed here nor known to the registry, so its licence is unknown",
    fix: "Install the workspace, check the registry, or state the licence in licences.clarifications.",
  });
}
