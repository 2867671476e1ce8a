import { HxpError } from "@hxp/errors";
import { expect, test } from "vitest";
import { type FailedAttempt, judgeFailure } from "./judge-failure.ts";

const judge = (code: HxpError["code"], attempt: Partial<FailedAttempt> = {}) =>
  judgeFailure({ error: new HxpError(code, "x"), stage: "sent", stream: true, onFault: true, ...attempt });

test("what was never sent may always be sent again, what may have run only where that is allowed", () => {
  expect(judge("UPSTREAM_UNREACHABLE", { stage: "connecting", onFault: false }).retry).toBe("anywhere");
  expect(judge("UPSTREAM_UNREACHABLE", { onFault: false }).retry).toBe("nowhere");
  expect(judge("UPSTREAM_TIMEOUT").retry).toBe("anywhere");
  expect(judge("UPSTREAM_FAILED", { onFault: false }).retry).toBe("nowhere");
});

test("an answer that began is asked for again only if it is a stream", () => {
  for (const code of ["UPSTREAM_CUT", "UPSTREAM_STALLED", "UPSTREAM_INVALID", "UPSTREAM_INCOMPLETE"] as const) {
    expect(judge(code, { stage: "answering" }).retry).toBe("anywhere");
    expect(judge(code, { stage: "answering", stream: false }).retry).toBe("nowhere");
  }
});

test("a target is blamed for its faults, spared when it is full, and left out of what clients do", () => {
  expect(judge("UPSTREAM_CUT").result).toEqual({ type: "fault", kind: "upstream_cut" });
  expect(judge("UPSTREAM_BUSY").result).toEqual({ type: "busy", retryAfterMs: undefined });
  for (const code of ["CLIENT_GONE", "SERVER_DRAINING", "REQUEST_REFUSED", "REQUEST_TIMEOUT"] as const) {
    expect(judge(code)).toEqual({ retry: "nowhere", result: { type: "neutral" } });
  }
});
