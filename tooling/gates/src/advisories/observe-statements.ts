import type { Observation } from "../create-gate.ts";
import type { Occurrence } from "./observe-match.ts";
import { findDateFault, isAbout } from "./vex/find-answer.ts";
import type { Statement, StatementProblem } from "./vex/statement.ts";

/** What is wrong with statements themselves: unreadable, expired or too long without a match, or about nothing. */
export function observeStatements(
  { statements, problems }: { statements: readonly Statement[]; problems: readonly StatementProblem[] },
  { occurrences, released, now }: { occurrences: readonly Occurrence[]; released: ReadonlySet<string>; now: Date },
): Observation[] {
  const invalid = problems.map(({ where, message }): Observation => ({
    rule: "statement-invalid",
    where,
    message,
    why: "A statement that cannot be read answers nothing, and whoever wrote it believes that it does.",
    fix: "Correct it as the message says: OpenVEX or CycloneDX, with reason, owner, last day and path.",
    severity: "error",
  }));
  const idle = statements.filter(
    (statement) =>
      mayFit(statement, released) && !occurrences.some(({ match, closure }) => isAbout(statement, match, closure)),
  );
  return [...invalid, ...idle.map((statement) => observeIdle(statement, now))];
}

/** A statement about a package that is not part of this release is for another one. */
function mayFit({ scopes }: Statement, released: ReadonlySet<string>): boolean {
  return scopes.some(({ product }) => product === undefined || released.has(product.name));
}

function observeIdle(statement: Statement, now: Date): Observation {
  const fault = findDateFault(statement, now);
  const about = `The statement about ${statement.vulnerabilities.join(", ")} by ${statement.owner}`;
  if (fault !== undefined) {
    return {
      rule: fault.rule,
      where: statement.where,
      message: `${about} does not count: ${fault.message}.`,
      why: "A statement is a promise to look again by a date.",
      fix: "Remove it if the release no longer needs it, or have its owner decide again, with a new date.",
      severity: "error",
    };
  }
  return {
    rule: "statement-unused",
    where: statement.where,
    message: `${about} is about nothing that the release has.`,
    why: "What is left behind hides the next finding of its kind.",
    fix: "Remove it, or correct its vulnerability, product or version.",
    severity: "warning",
  };
}
