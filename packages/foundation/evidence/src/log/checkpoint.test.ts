import { describe, expect, test } from "vitest";
import { createSigningKey, hashLeaf, openCheckpoint, signCheckpoint } from "@hxp/evidence";
import { origin, refusal } from "../testing/test-world.ts";

const key = createSigningKey();
const root = hashLeaf(Buffer.from("x"));
const signed = signCheckpoint({ origin, size: 7, root }, key);
const hint = signed.split(" ").at(-1)?.slice(0, 4) ?? "";
const open = (text: string, publicKey = key.publicKey) => openCheckpoint(text, { publicKey, origin });

describe("a checkpoint", () => {
  test("is a signed note that its key opens", () => {
    expect(signed.split("\n").slice(0, 4)).toEqual([origin, "7", root.toString("base64"), ""]);
    expect(open(signed)).toEqual({ origin, size: 7, root });
  });

  test("opens though other witnesses have signed it too", () => {
    expect(open(`${signed}\u2014 witness.example ${Buffer.alloc(20).toString("base64")}\n`).size).toBe(7);
  });

  test.each([
    ["a byte of its size changed", signed.replace("\n7\n", "\n8\n")],
    ["another root", signed.replace(root.toString("base64"), hashLeaf(Buffer.from("y")).toString("base64"))],
    ["another log's name", signed.replaceAll(origin, "log.other.internal")],
    ["another name in the signature line", signed.replace(`\u2014 ${origin}`, "\u2014 log.other.internal")],
    [
      "another key's hint before the signature",
      signed.replace(hint, `${hint.startsWith("A") ? "B" : "A"}${hint.slice(1)}`),
    ],
    ["no signature", `${signed.slice(0, signed.indexOf("\n\n"))}\n\n`],
    ["no end of the note", signed.replace("\n\n", "\n")],
    ["a size that is no number", signed.replace("\n7\n", "\n07\n")],
    ["a root that is no hash", signed.replace(root.toString("base64"), "AAAA")],
    ["a name that is none", signed.replace(origin, "Log Of Ours")],
    ["a length that no checkpoint has", signed.padEnd(20_000, "x")],
    ["nothing in it", ""],
  ])("is refused with %s", (_, text) => {
    expect(() => open(text)).toThrow(refusal("LOG_ENTRY_REFUSED"));
  });

  test("is refused for another key", () => {
    expect(() => open(signed, createSigningKey().publicKey)).toThrow(refusal("LOG_ENTRY_REFUSED"));
  });

  test.each(["", "Log.Internal", "log internal", "log\ninternal", "https://log", "-log", "a".repeat(254)])(
    "is not made for a log of the name %j",
    (name) => {
      expect(() => signCheckpoint({ origin: name, size: 0, root }, key)).toThrow(refusal("USAGE_INVALID"));
    },
  );
});
