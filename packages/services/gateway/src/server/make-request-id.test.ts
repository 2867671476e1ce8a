import { expect, test } from "vitest";
import { makeRequestId } from "./make-request-id.ts";

test("an id is a UUID of version 7 that begins with its time", () => {
  // The example of RFC 9562, appendix A.6.
  expect(makeRequestId(0x017f_22e2_79b0)).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("ids are in the order of their times, and differ within one", () => {
  const times = [0, 1, 0xffff, 0x10000, 1_700_000_000_000, 1_700_000_000_001, 2 ** 45];
  const ids = times.map(makeRequestId);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(Array.from({ length: 1000 }, () => makeRequestId(1))).size).toBe(1000);
});
