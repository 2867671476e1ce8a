import { describe, expect, test } from "vitest";
import { createSigningKey, createTrustedKey } from "@hxp/evidence";
import { refusal } from "../testing/test-world.ts";
import { identifySigner } from "./identity.ts";

const key = createSigningKey();
const [start, end] = [new Date(10_000), new Date(20_000)];
const trusted = createTrustedKey(key.publicKey, { name: "release", start, end });

/** What a verifier that takes no notice of the key's time hands over. */
const identify = (loggedAt: Date) =>
  identifySigner({
    entity: { key: { $case: "public-key", hint: key.hint } } as Parameters<typeof identifySigner>[0]["entity"],
    signer: { key: key.publicKey },
    keys: new Map([[key.hint, trusted]]),
    loggedAt,
  });

describe("the time of a key", () => {
  test.each([9_000, 21_000])("is checked at log time by ourselves, whatever the library does: %i", (time) => {
    expect(() => identify(new Date(time))).toThrow(refusal("KEY_NOT_VALID"));
  });

  test.each([10_000, 15_000, 20_000])("counts with both ends: %i", (time) => {
    expect(identify(new Date(time))).toEqual({ kind: "key", name: "release", hint: key.hint });
  });
});
