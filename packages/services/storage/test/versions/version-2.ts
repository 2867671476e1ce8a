import type { UsageRecord } from "@hxp/schema-storage";
import type { Row, Session } from "@hxp/storage";
import * as version1 from "./version-1.ts";

// The statements of version 2, as its servers send them while version 3 is made. They never change.

export { insertKey } from "./version-1.ts";

/** Adds a record, marks it as counted and adds it to the sums, in the caller's transaction. */
export async function append(session: Session, records: readonly UsageRecord[]): Promise<void> {
  await version1.append(session, records);
  const isTrue = session.dialect === "sqlite" ? "1" : "true";
  for (const record of records) {
    await session.query(`UPDATE hxp_usage SET counted = ${isTrue} WHERE id = $1`, [record.id]);
    const hour = `${record.at.slice(0, 13)}:00:00.000Z`;
    const names = [
      ["key", record.key] as const,
      ["team", record.team ?? ""] as const,
      ["model", record.model] as const,
    ];
    for (const [kind, name] of names) {
      await session.query(
        `INSERT INTO hxp_usage_sums (kind, starts_at, name, requests, prompt_tokens, cached_tokens, completion_tokens, cost)
         VALUES ($1, $2, $3, 1, $4, $5, $6, $7) ON CONFLICT (kind, starts_at, name) DO UPDATE SET
         requests = hxp_usage_sums.requests + 1, prompt_tokens = hxp_usage_sums.prompt_tokens + excluded.prompt_tokens,
         cached_tokens = hxp_usage_sums.cached_tokens + excluded.cached_tokens,
         completion_tokens = hxp_usage_sums.completion_tokens + excluded.completion_tokens,
         cost = hxp_usage_sums.cost + excluded.cost`,
        [
          kind,
          hour,
          name,
          record.promptTokens,
          record.cachedTokens,
          record.completionTokens,
          Math.round(record.cost * 1e9),
        ],
      );
    }
  }
}

/** Requests and tokens of prompts by model, read from the sums. */
export function sum(session: Session): Promise<readonly Row[]> {
  return session.query(`SELECT name AS model, CAST(SUM(requests) AS TEXT) AS requests, CAST(SUM(prompt_tokens) AS TEXT) AS tokens
    FROM hxp_usage_sums WHERE kind = 'model' AND starts_at >= '2026-01-01T00:00:00.000Z' GROUP BY name ORDER BY name`);
}
