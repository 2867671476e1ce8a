import type { ProductionClosure } from "../../closure/component.ts";
import { maximumWaiverDays } from "../../policy/policy-schema.ts";
import { digestPaths } from "../digest-paths.ts";
import type { Match } from "../find-matches.ts";
import type { PackageName } from "./parse-purl.ts";
import { isAnswer, type Statement } from "./statement.ts";

/** Why a statement does not answer a match that it is about. */
export interface StatementFault {
  rule: "statement-expired" | "statement-too-long" | "statement-path-changed";
  message: string;
}

/** What is said of a match in one package of the release. */
export interface Answer {
  /** The latest statement that is about it. */
  statement?: Statement;
  fault?: StatementFault;
  isAnswered: boolean;
  /** Digest of the dependency paths as they are now. */
  path: string;
}

const day = 24 * 60 * 60 * 1000;

/** Finds the latest statement about a match in a package, and whether it answers it. */
export function findAnswer(
  statements: readonly Statement[],
  { match, closure, now }: { match: Match; closure: ProductionClosure; now: Date },
): Answer {
  const path = digestPaths(closure, match.component.id);
  const about = statements.filter((candidate) => isAbout(candidate, match, closure)).toSorted(compareStatements);
  // One that was made for other paths leaves standing what was said of these.
  const statement = about.find(({ status, paths }) => !isAnswer(status) || paths.includes(path)) ?? about[0];
  if (statement === undefined) return { isAnswered: false, path };
  if (!isAnswer(statement.status)) return { statement, isAnswered: false, path };
  const fault = findDateFault(statement, now) ?? findPathFault(statement, path);
  return { statement, path, isAnswered: fault === undefined, ...(fault === undefined ? {} : { fault }) };
}

/** Whether a statement is about a match in a package. */
export function isAbout(statement: Statement, match: Match, { root }: ProductionClosure): boolean {
  const ids = [match.advisory, ...match.aliases];
  if (!statement.vulnerabilities.some((id) => ids.includes(id))) return false;
  return statement.scopes.some(({ product, component }) => fits(product, root) && fits(component, match.component));
}

/** What the date of an answering statement says against it. */
export function findDateFault({ expires, status }: Statement, now: Date): StatementFault | undefined {
  if (!isAnswer(status)) return undefined;
  const start = Date.parse(`${expires}T00:00:00Z`);
  if (start + day <= now.getTime()) {
    return { rule: "statement-expired", message: `it expired on ${expires}` };
  }
  if (start > now.getTime() + maximumWaiverDays * day) {
    return {
      rule: "statement-too-long",
      message: `it ends on ${expires}, more than ${maximumWaiverDays} days from now`,
    };
  }
  return undefined;
}

function findPathFault({ paths }: Statement, path: string): StatementFault | undefined {
  if (paths.includes(path)) return undefined;
  return { rule: "statement-path-changed", message: "it was made for other dependency paths than there are now" };
}

function fits(wanted: PackageName | undefined, found: { name: string; version: string }): boolean {
  if (wanted === undefined) return true;
  return wanted.name === found.name && (wanted.version === undefined || wanted.version === found.version);
}

/** The latest first; of two of the same time, the one that does not answer. */
function compareStatements(a: Statement, b: Statement): number {
  return b.madeAt - a.madeAt || Number(isAnswer(a.status)) - Number(isAnswer(b.status));
}
