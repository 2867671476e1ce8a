import calculator from "ae-cvss-calculator";
import type { Severity } from "./advisory.ts";

/** How bad something is, with its CVSS base score if it has one. */
export interface Rating {
  severity: Severity;
  score?: number;
}

const order: readonly Severity[] = ["unknown", "low", "moderate", "high", "critical"];

/** Rates by words (`HIGH`, `moderate`, `medium`) and CVSS vectors of any version: the worst of all that is said counts. */
export function rateSeverity(words: readonly unknown[], vectors: readonly string[]): Rating {
  const scores = vectors.flatMap((vector) => scoreVector(vector) ?? []);
  const said = [...words.map(readSeverity), ...scores.map(rateScore)];
  const severity = worstOf(said);
  return scores.length === 0 ? { severity } : { severity, score: Math.max(...scores) };
}

/** The worst severity of several; `unknown` for none. */
export function worstOf(severities: readonly Severity[]): Severity {
  return severities.reduce((worst, next) => (order.indexOf(next) > order.indexOf(worst) ? next : worst), "unknown");
}

/** Whether a severity reaches another. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return order.indexOf(severity) >= order.indexOf(least);
}

/** The base score of a CVSS vector; undefined for what is no whole vector. */
export function scoreVector(text: string): number | undefined {
  try {
    const vector = calculator.fromVector(text.trim());
    if (vector === null || !vector.isBaseFullyDefined()) return undefined;
    const scores = vector.calculateScores();
    const base = "base" in scores ? scores.base : scores.overall;
    return Number.isFinite(base) ? base : undefined;
  } catch {
    return undefined;
  }
}

/** The qualitative scale of CVSS 3 and 4, with npm's word for medium; a score of zero is still a match. */
function rateScore(score: number): Severity {
  if (score >= 9) return "critical";
  if (score >= 7) return "high";
  return score >= 4 ? "moderate" : "low";
}

function readSeverity(word: unknown): Severity {
  const text = typeof word === "string" ? word.toLowerCase() : "";
  if (text === "medium") return "moderate";
  if (text === "info" || text === "none") return "low";
  return order.find((severity) => severity === text) ?? "unknown";
}
