import type { PackageName } from "./parse-purl.ts";

/** What a statement says; `not_affected` and `fixed` answer a match, the others do not. */
export type StatementStatus = "not_affected" | "fixed" | "affected" | "under_investigation";

/** What somebody says of a vulnerability in a VEX document, whatever its format. */
export interface Statement {
  /** The file, relative to the workspace, and the place in it. */
  where: string;
  /** Ids, each for the same vulnerability. */
  vulnerabilities: string[];
  /** The packages that it is about; one of them must fit. */
  scopes: StatementScope[];
  status: StatementStatus;
  justification?: string;
  /** Why, in words that a person can check. */
  reason: string;
  /** Who answers for it. */
  owner: string;
  /** Last day, UTC, YYYY-MM-DD. */
  expires: string;
  /** Digests of the dependency paths that it holds for. */
  paths: string[];
  /** When it was made, in milliseconds: of several, the latest counts. */
  madeAt: number;
}

/** A dependency in a product; either alone covers whatever stands for the other. */
export interface StatementScope {
  product?: PackageName;
  component?: PackageName;
}

/** A statement or document that cannot be read, and why. */
export interface StatementProblem {
  where: string;
  message: string;
}

/** What a document holds. */
export interface StatementFile {
  statements: Statement[];
  problems: StatementProblem[];
}

/** Whether statements of this status answer a match. */
export function isAnswer(status: StatementStatus): boolean {
  return status === "not_affected" || status === "fixed";
}

/** What an answering statement must say, as a document gives it. */
export interface StatementDuties {
  status: StatementStatus;
  reason: string | undefined;
  owner: string | undefined;
  expires: string | undefined;
  paths: readonly string[];
}

/** What is missing for a statement to answer a match; `names` is how its format calls each. */
export function missingDuties(
  duties: StatementDuties,
  names: Record<"reason" | "owner" | "expires" | "path", string>,
): string[] {
  if (!isAnswer(duties.status)) return [];
  const isDay =
    duties.expires !== undefined &&
    /^\d{4}-\d{2}-\d{2}$/.test(duties.expires) &&
    !Number.isNaN(Date.parse(duties.expires));
  const arePaths = duties.paths.length > 0 && duties.paths.every((path) => /^sha256:[0-9a-f]{64}$/.test(path));
  return [
    ...(isBlank(duties.reason) ? [`a reason as ${names.reason}`] : []),
    ...(isBlank(duties.owner) ? [`an owner as ${names.owner}`] : []),
    ...(isDay ? [] : [`a last day as ${names.expires}, YYYY-MM-DD`]),
    ...(arePaths ? [] : [`the digest of the dependency paths as ${names.path}, sha256:<hex>`]),
  ];
}

/** The duties of a statement with nothing for what it does not say. */
export function asSaid({
  reason,
  owner,
  expires,
  paths,
}: StatementDuties): Pick<Statement, "reason" | "owner" | "expires" | "paths"> {
  return { reason: reason ?? "", owner: owner ?? "", expires: expires ?? "", paths: [...paths] };
}

/** The placeholders of a statement that was pasted and not filled in are no words. */
function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === "" || /^<.*>$/.test(text.trim());
}
