import type { CountedUsage, Exchange } from "../../pipeline.ts";
import type { EngineUsage } from "../read/usage.ts";
import { askUsage } from "./ask-usage.ts";
import type { Observed } from "./observed.ts";

/** English text has about four bytes a token, and JSON around it. */
const bytesPerToken = 4;

const certainty = { engine: 2, gateway: 1, estimate: 0 } as const;

/** What was used by all attempts of a request, as far as it is known without asking. */
export function usageSoFar(exchange: Exchange, attempts: readonly Observed[]): CountedUsage {
  return sum(attempts.map((attempt) => countAttempt(exchange, attempt, attempt === attempts.at(-1))));
}

/**
 * What was used by all attempts of a request. Best is what the engine says of a whole answer; of one that was broken
 * off, what the target tells by id, for it may have generated more than it sent; then what was sent with the pieces, the
 * number of pieces, and at last an estimate. `wait`: milliseconds that asking may take.
 */
export async function countUsage(
  exchange: Exchange,
  attempts: readonly Observed[],
  wait: number,
): Promise<CountedUsage> {
  const [first] = attempts;
  const known = attempts.length === 1 && first?.whole === true ? first.told : undefined;
  // Nearly every request: the first target has answered, and said what it took.
  if (known !== undefined) return by("engine", known);
  const counted = attempts.map(async (attempt) => {
    const asks = attempt.worked !== "no" && attempt.target.usageById && !(attempt.whole && attempt.told !== undefined);
    const told = asks ? await askUsage(attempt.target, attempt.upstreamId, wait) : undefined;
    return told === undefined ? countAttempt(exchange, attempt, attempt === attempts.at(-1)) : by("engine", told);
  });
  return sum(await Promise.all(counted));
}

function countAttempt(exchange: Exchange, attempt: Observed, isLast: boolean): CountedUsage | undefined {
  const { told, pieces, answerBytes } = attempt;
  if (told !== undefined) return by("engine", told);
  const { promptTokens } = exchange.estimate;
  if (pieces > 0) return by("gateway", { promptTokens, cachedTokens: 0, completionTokens: pieces });
  if (attempt.worked !== "yes" || !isLast) return undefined;
  const completionTokens = exchange.endpoint === "embeddings" ? 0 : Math.ceil(answerBytes / bytesPerToken);
  return by("estimate", { promptTokens, cachedTokens: 0, completionTokens });
}

function by(countedBy: CountedUsage["countedBy"], usage: EngineUsage): CountedUsage {
  return { ...usage, countedBy };
}

/** The sum is as certain as its least certain part. Without parts nothing was generated, as the gateway knows. */
function sum(parts: readonly (CountedUsage | undefined)[]): CountedUsage {
  const [first, ...others] = parts.filter((part) => part !== undefined);
  if (first === undefined) return { promptTokens: 0, cachedTokens: 0, completionTokens: 0, countedBy: "gateway" };
  return others.reduce(
    (total, part) => ({
      promptTokens: total.promptTokens + part.promptTokens,
      cachedTokens: total.cachedTokens + part.cachedTokens,
      completionTokens: total.completionTokens + part.completionTokens,
      countedBy: certainty[part.countedBy] < certainty[total.countedBy] ? part.countedBy : total.countedBy,
    }),
    first,
  );
}
