import { describe, expect, test } from "vitest";
import type { Limits } from "@hxp/schema-storage";
import { createAdmission } from "./create-admission.ts";
import { makeKey } from "./testing/make-key.ts";
import type { Admission, AdmissionOptions, AdmissionRequest } from "./admission.ts";

const noon = Date.parse("2026-05-10T12:00:00Z");

/** An admission whose clock stands still until it is moved. */
function makeAdmission(options: AdmissionOptions = {}) {
  const time = { now: noon };
  return { admission: createAdmission({ clock: () => time.now, ...options }), time };
}

function request(limits: Limits, values: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const estimate = { promptTokens: 10, completionTokens: 20 };
  return { id: "r", key: makeKey({ limits }), model: "guide", estimate, ...values };
}

function refusalOf(admission: Admission, asked: AdmissionRequest) {
  try {
    admission.reserve(asked);
  } catch (error) {
    return error as { code: string; message: string; details: Record<string, unknown> };
  }
  throw new Error("The request was admitted");
}

const used = (promptTokens: number, completionTokens: number, cost = 0) => ({ promptTokens, completionTokens, cost });

describe("requests and tokens a minute", () => {
  test("headers say the limit, what is left after this request and when it is as at first", () => {
    const { admission } = makeAdmission();
    const { headers } = admission.reserve(request({ requestsPerMinute: 60, tokensPerMinute: 6000 }));
    expect(headers).toEqual({
      "x-ratelimit-limit-requests": "60",
      "x-ratelimit-remaining-requests": "59",
      "x-ratelimit-reset-requests": "1s",
      "x-ratelimit-limit-tokens": "6000",
      "x-ratelimit-remaining-tokens": "5970",
      "x-ratelimit-reset-tokens": "300ms",
    });
  });

  test("headers are of the scope that has least left, of each kind", () => {
    const { admission } = makeAdmission({
      defaults: { requestsPerMinute: 100, tokensPerMinute: 1000 },
      teams: { red: { requestsPerMinute: 10 } },
      models: { guide: { tokensPerMinute: 50 } },
    });
    const { headers } = admission.reserve(request({}, { key: makeKey({ team: "red" }) }));
    expect(headers).toMatchObject({
      "x-ratelimit-limit-requests": "10",
      "x-ratelimit-remaining-requests": "9",
      "x-ratelimit-limit-tokens": "50",
      "x-ratelimit-remaining-tokens": "20",
    });
  });

  test("without limits there are no headers", () => {
    expect(makeAdmission().admission.reserve(request({})).headers).toEqual({});
  });

  test("who waits as long as the refusal says is admitted, and not a millisecond before", () => {
    const { admission, time } = makeAdmission();
    const asked = request({ requestsPerMinute: 7 });
    for (let count = 0; count < 7; count += 1) admission.reserve(asked);
    const { code, details } = refusalOf(admission, asked);
    expect({ code, details }).toMatchObject({
      code: "RATE_LIMIT_EXCEEDED",
      details: { scope: "key:0000000000000001", limit: 7, retryAfterMs: Math.ceil(60_000 / 7) },
    });
    time.now += Number(details["retryAfterMs"]) - 1;
    expect(refusalOf(admission, asked).details).toMatchObject({ retryAfterMs: 1 });
    time.now += 1;
    expect(admission.reserve(asked).headers).toMatchObject({ "x-ratelimit-remaining-requests": "0" });
  });

  test("a refusal says what may be sent and that nothing is left, in the singular, too", () => {
    const saying = (limits: Limits, sent: number): string => {
      const { admission } = makeAdmission();
      const asked = request(limits);
      for (let count = 0; count < sent; count += 1) admission.reserve(asked);
      return refusalOf(admission, asked).message;
    };
    expect(saying({ requestsPerMinute: 2 }, 2)).toMatch(/may send 2 requests a minute, and none is left now$/);
    expect(saying({ requestsPerMinute: 1 }, 1)).toMatch(/may send 1 request a minute, and none is left now$/);
    expect(saying({ concurrency: 1 }, 1)).toMatch(/may have 1 request under way, and has 1$/);
  });

  test("a refused request burns no limit, of no scope", () => {
    const { admission } = makeAdmission({
      models: { guide: { requestsPerMinute: 1 } },
      teams: { red: { concurrency: 9 } },
    });
    const asked = request(
      { requestsPerMinute: 5, tokensPerMinute: 100 },
      {
        key: makeKey({
          team: "red",
          limits: { requestsPerMinute: 5, tokensPerMinute: 100, budget: { period: "day", tokens: 1000 } },
        }),
      },
    );
    admission.reserve(asked);
    const before = admission.snapshot();
    for (let count = 0; count < 20; count += 1) {
      expect(refusalOf(admission, asked).details).toMatchObject({ scope: "model:guide" });
    }
    expect(admission.snapshot()).toEqual(before);
  });

  test("the refusal names the limit that takes longest to wait for, with headers", () => {
    const { admission } = makeAdmission();
    const asked = request({ requestsPerMinute: 30, tokensPerMinute: 30, concurrency: 1 });
    admission.reserve(asked);
    expect(refusalOf(admission, asked)).toMatchObject({
      code: "TOKENS_LIMIT_EXCEEDED",
      details: {
        retryAfterMs: 60_000,
        headers: { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m0s" },
      },
    });
  });

  test("a request that never fits is told so: there is no time to wait for", () => {
    const { admission } = makeAdmission();
    const { code, details } = refusalOf(admission, request({ tokensPerMinute: 29 }));
    expect(code).toBe("TOKENS_LIMIT_EXCEEDED");
    expect(details).not.toHaveProperty("retryAfterMs");
    expect(refusalOf(admission, request({ requestsPerMinute: 0 })).details).not.toHaveProperty("retryAfterMs");
    expect(refusalOf(admission, request({ concurrency: 0 })).details).not.toHaveProperty("retryAfterMs");
  });

  test("what was reserved and not used comes back, what was used beyond it is owed", () => {
    const { admission } = makeAdmission();
    const asked = request({ tokensPerMinute: 100 });
    admission.reserve(asked).settle(used(5, 5));
    expect(admission.snapshot()[0]).toMatchObject({ remainingTokens: 90 });
    admission.reserve(asked).settle(used(10, 140));
    expect(admission.snapshot()[0]).toMatchObject({ remainingTokens: 0 });
    expect(refusalOf(admission, asked).details).toMatchObject({ retryAfterMs: 54_000 });
  });

  test("what comes back does not lift a limit that has been refilled meanwhile", () => {
    const { admission, time } = makeAdmission();
    const asked = request({ requestsPerMinute: 10, tokensPerMinute: 100 });
    const first = admission.reserve(asked);
    time.now += 60_000;
    admission.reserve(asked).release();
    first.release();
    expect(admission.snapshot()[0]).toMatchObject({ remainingRequests: 10, remainingTokens: 100 });
  });

  test("a released request counts as never sent", () => {
    const { admission } = makeAdmission();
    const asked = request({ requestsPerMinute: 1, tokensPerMinute: 30, concurrency: 1 });
    admission.reserve(asked).release();
    expect(admission.reserve(asked).headers).toMatchObject({ "x-ratelimit-remaining-requests": "0" });
  });

  test("only the first end counts", () => {
    const { admission } = makeAdmission();
    const reservation = admission.reserve(request({ requestsPerMinute: 10, tokensPerMinute: 100, concurrency: 2 }));
    reservation.settle(used(10, 10));
    reservation.settle(used(90, 90));
    reservation.release();
    expect(admission.snapshot()[0]).toMatchObject({ inFlight: 0, remainingRequests: 9, remainingTokens: 80 });
  });

  test("what is no number of tokens counts as none", () => {
    const { admission } = makeAdmission();
    admission.reserve(request({ tokensPerMinute: 100 })).settle(used(Number.NaN, -50, Number.NaN));
    expect(admission.snapshot()[0]).toMatchObject({ remainingTokens: 100 });
  });

  test("a clock that is set back neither refills nor blocks", () => {
    const { admission, time } = makeAdmission();
    const asked = request({ requestsPerMinute: 1 });
    admission.reserve(asked);
    time.now -= 3_600_000;
    expect(refusalOf(admission, asked).details).toMatchObject({ retryAfterMs: 60_000 });
    time.now += 60_000;
    admission.reserve(asked);
  });

  test("a limit that an operator changes counts at once, and what was used stays used", () => {
    const { admission } = makeAdmission();
    admission.reserve(request({ requestsPerMinute: 2 }));
    expect(admission.reserve(request({ requestsPerMinute: 10 })).headers).toMatchObject({
      "x-ratelimit-remaining-requests": "8",
    });
    expect(refusalOf(admission, request({ requestsPerMinute: 2 })).details).toMatchObject({ retryAfterMs: 30_000 });
  });
});

describe("requests at the same time", () => {
  test("a place is free again when the request that had it ends", () => {
    const { admission, time } = makeAdmission();
    const asked = request({ concurrency: 1 });
    const first = admission.reserve(asked);
    expect(refusalOf(admission, asked)).toMatchObject({
      code: "CONCURRENCY_EXCEEDED",
      details: { retryAfterMs: 1000 },
    });
    time.now += 500;
    first.settle(used(1, 1));
    admission.reserve(asked).release();
  });

  test("keys of a team share its places", () => {
    const { admission } = makeAdmission({ teams: { red: { concurrency: 1 } } });
    const first = admission.reserve(request({}, { key: makeKey({ team: "red" }) }));
    const other = request({}, { key: makeKey({ id: "0000000000000002", team: "red" }) });
    expect(refusalOf(admission, other)).toMatchObject({ details: { scope: "team:red" } });
    first.release();
    admission.reserve(other);
  });
});

describe("memory", () => {
  test("idle scopes are forgotten, those in flight or with a debt are not", () => {
    const { admission, time } = makeAdmission({ defaults: { tokensPerMinute: 100 } });
    const ask = (number: number) => request({}, { key: makeKey({ id: String(number).padStart(16, "0") }) });
    const held = admission.reserve(ask(1));
    admission.reserve(ask(2)).settle(used(500, 500));
    for (let number = 3; number < 1000; number += 1) admission.reserve(ask(number)).settle(used(1, 1));
    time.now += 60_000;
    for (let count = 0; count < 3000; count += 1) admission.reserve(ask(1000)).release();
    const names = admission.snapshot().flatMap(({ by, name }) => (by === "key" ? [Number(name)] : []));
    expect(names).toEqual([1, 2, 1000]);
    held.release();
  });

  test("names that clients make up do not pile up", () => {
    const { admission } = makeAdmission();
    for (let number = 0; number < 5000; number += 1)
      admission.reserve(request({}, { model: `made-up-${number}` })).release();
    expect(admission.snapshot().length).toBeLessThan(10);
  });

  test("a model with the name of an object's property has no limits", () => {
    const { admission } = makeAdmission({ models: {}, teams: {} });
    expect(admission.reserve(request({}, { model: "__proto__" })).headers).toEqual({});
    expect(admission.reserve(request({}, { model: "constructor" })).headers).toEqual({});
  });
});
