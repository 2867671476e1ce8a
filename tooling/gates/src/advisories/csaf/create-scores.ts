import type { JsonObject } from "../../gate.ts";
import type { OsvEntry } from "../database/osv-entry.ts";
import { scoreVector } from "../rate-severity.ts";

/** The scores of a CSAF document, and notes for what it has no place for. */
export interface CsafScores {
  scores: JsonObject[];
  notes: JsonObject[];
}

/** All CVSS vectors of an entry, each once. */
export function readCvss({ severity, affected }: OsvEntry): string[] {
  const given = [...(severity ?? []), ...(affected ?? []).flatMap((part) => part.severity ?? [])];
  return [...new Set(given.map(({ score }) => score))];
}

/** Scores products by a CVSS 3 and a CVSS 2 vector. CSAF 2.0 has no place for CVSS 4, which becomes a note. */
export function createScores(vectors: readonly string[], products: string[]): CsafScores {
  const scored = vectors.flatMap((vector) => {
    const score = scoreVector(vector);
    return score === undefined ? [] : [{ vector, score }];
  });
  const third = scored.find(({ vector }) => vector.startsWith("CVSS:3."));
  const second = scored.find(({ vector }) => vector.startsWith("AV:"));
  const fourth = scored.find(({ vector }) => vector.startsWith("CVSS:4."));
  const score = {
    ...(third === undefined ? {} : { cvss_v3: toThird(third) }),
    ...(second === undefined
      ? {}
      : { cvss_v2: { version: "2.0", vectorString: second.vector, baseScore: second.score } }),
  };
  return {
    scores: Object.keys(score).length === 0 ? [] : [{ products, ...score }],
    notes:
      fourth === undefined
        ? []
        : [{ category: "details", title: "CVSS 4.0", text: `${fourth.vector} (${fourth.score})` }],
  };
}

function toThird({ vector, score }: { vector: string; score: number }): JsonObject {
  return {
    version: vector.slice("CVSS:".length, "CVSS:3.x".length),
    vectorString: vector,
    baseScore: score,
    baseSeverity: rate(score),
  };
}

/** CVSS 3.1, §5. */
function rate(score: number): string {
  if (score === 0) return "NONE";
  if (score < 4) return "LOW";
  if (score < 7) return "MEDIUM";
  return score < 9 ? "HIGH" : "CRITICAL";
}
