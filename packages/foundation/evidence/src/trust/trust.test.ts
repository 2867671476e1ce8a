import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createSigningKey,
  createTrustedKey,
  exportTrust,
  readTrust,
  rotateKey,
  type Trust,
  writeTrust,
} from "@hxp/evidence";
import { origin, refusal } from "../testing/test-world.ts";

const key = createSigningKey();
const logKey = createSigningKey();
const at = (milliseconds: number): Date => new Date(Date.UTC(2026, 0, 1) + milliseconds);
const trust = exportTrust({
  logs: [{ origin, publicKey: logKey.publicKey, start: at(0), end: at(9_000) }],
  keys: [createTrustedKey(key.pem, { name: "release", start: at(1_700) })],
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trust-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a trust", () => {
  test("comes back from its folder, and from the file in it, as it was", () => {
    writeTrust(folder, trust);
    expect(readdirSync(folder)).toEqual(["trusted_keys.json", "trusted_root.json"]);
    expect(readTrust(folder)).toEqual(trust);
    expect(readTrust(join(folder, "trusted_root.json"))).toEqual(trust);
  });

  test("is read without keys where only a trusted_root.json is", () => {
    writeFileSync(join(folder, "root.json"), JSON.stringify(trust.trustedRoot));
    expect(readTrust(join(folder, "root.json"))).toEqual({ trustedRoot: trust.trustedRoot, keys: [] });
  });

  test("adds our logs to the trusted root of a sigstore elsewhere, and changes neither", () => {
    const other = exportTrust({ logs: [{ origin: "log.other.internal", publicKey: key.publicKey }] });
    const before = structuredClone(other);
    const both = exportTrust({ base: other.trustedRoot, logs: [{ origin, publicKey: logKey.publicKey }] });
    const names = both.trustedRoot.tlogs?.map(({ baseUrl }) => baseUrl);
    expect(names).toEqual(["https://log.other.internal", `https://${origin}`]);
    expect(other).toEqual(before);
  });

  test("counts the time of keys in whole seconds, as log time is", () => {
    expect(trust.keys[0]?.validFor).toEqual({ start: at(1_000).toISOString() });
  });

  test("keeps fields that it does not know", () => {
    writeTrust(folder, trust);
    const path = join(folder, "trusted_keys.json");
    const content = JSON.parse(readFileSync(path, "utf8")) as { keys: object[] };
    writeFileSync(
      path,
      JSON.stringify({ ...content, later: 1, keys: content.keys.map((one) => ({ ...one, note: "x" })) }),
    );
    expect(readTrust(folder).keys[0]).toMatchObject({ name: "release", note: "x" });
  });
});

describe("a trust is refused", () => {
  const known = trust.keys[0]!;
  const write = (keys: unknown, root: unknown = trust.trustedRoot): void => {
    const mediaType = "application/vnd.hxp.trusted-keys.v1+json";
    writeFileSync(join(folder, "trusted_keys.json"), JSON.stringify({ mediaType, keys }));
    writeFileSync(join(folder, "trusted_root.json"), JSON.stringify(root));
  };
  const log = trust.trustedRoot.tlogs![0]!;

  test.each<[string, unknown, RegExp]>([
    ["no list of keys", undefined, /keys/],
    ["a hint of another key", [{ ...known, hint: "AAAA" }], /keys\.0\.hint/],
    ["a key that is none", [{ ...known, publicKey: "AAAA" }], /keys\.0\.hint/],
    ["a start that is no time", [{ ...known, validFor: { start: "soon" } }], /keys\.0\.validFor\.start/],
    ["an end before the start", [{ ...known, validFor: { ...known.validFor, end: at(0).toISOString() } }], /validFor/],
    ["a purpose that it does not know", [{ ...known, purposes: ["all"] }], /keys\.0\.purposes/],
    ["no name", [{ ...known, name: "" }], /keys\.0\.name/],
    ["the same key twice", [known, known], /listed twice/],
  ])("with %s", (_, keys, field) => {
    write(keys);
    expect(() => readTrust(folder)).toThrow(
      expect.objectContaining({ code: "TRUST_INVALID", message: expect.stringMatching(field) }),
    );
  });

  test.each<[string, unknown]>([
    ["a root of another kind", { ...trust.trustedRoot, mediaType: "text/plain" }],
    ["a root without a kind", {}],
    ["a root that is a list", []],
    [
      "a log whose key is none",
      { ...trust.trustedRoot, tlogs: [{ ...log, publicKey: { ...log.publicKey, rawBytes: "AAAA" } }] },
    ],
    ["a log without a key", { ...trust.trustedRoot, tlogs: [{ ...log, publicKey: undefined }] }],
    [
      "an authority whose certificate is none",
      { ...trust.trustedRoot, certificateAuthorities: [{ certChain: { certificates: [{ rawBytes: "AAAA" }] } }] },
    ],
    ["an authority without certificates", { ...trust.trustedRoot, certificateAuthorities: [{ certChain: {} }] }],
  ])("with %s", (_, root) => {
    write(trust.keys, root);
    expect(() => readTrust(folder)).toThrow(refusal("TRUST_INVALID"));
  });

  test("where there is none, and where it is no JSON or too large", () => {
    expect(() => readTrust(folder)).toThrow(refusal("FILE_UNREADABLE"));
    const path = join(folder, "trusted_root.json");
    for (const text of ["{", " ".repeat(4 * 1024 * 1024 + 1)]) {
      writeFileSync(path, text);
      expect(() => readTrust(path)).toThrow(refusal("TRUST_INVALID"));
    }
  });

  test("before it is written, so that nothing wrong gets out", () => {
    const wrong: Trust = { ...trust, keys: [{ ...known, hint: "AAAA" }] };
    expect(() => writeTrust(folder, wrong)).toThrow(refusal("TRUST_INVALID"));
    expect(readdirSync(folder)).toEqual([]);
  });

  test("for kinds of keys that bundles are not verified with", () => {
    const other = generateKeyPairSync("ec", { namedCurve: "secp384r1" }).publicKey;
    expect(() => createTrustedKey(other, { name: "x" })).toThrow(refusal("USAGE_INVALID"));
    expect(() => exportTrust({ logs: [{ origin, publicKey: other }] })).toThrow(refusal("USAGE_INVALID"));
  });
});

describe("a rotation", () => {
  const next = createSigningKey();

  test("ends the key and starts its successor at the same whole second, under the same name and purposes", () => {
    const rotated = rotateKey(trust, { name: "release", publicKey: next.publicKey, at: at(5_900) });
    expect(rotated.keys.map(({ name, hint, validFor }) => ({ name, hint, validFor }))).toEqual([
      { name: "release", hint: key.hint, validFor: { start: at(1_000).toISOString(), end: at(5_000).toISOString() } },
      { name: "release", hint: next.hint, validFor: { start: at(5_000).toISOString() } },
    ]);
    expect(rotated.keys[1]?.purposes).toEqual(trust.keys[0]?.purposes);
    expect(trust.keys).toHaveLength(1);
  });

  test("can follow another, and leaves what has ended as it is", () => {
    const once = rotateKey(trust, { name: "release", publicKey: next.publicKey, at: at(5_000) });
    const twice = rotateKey(once, { name: "release", publicKey: createSigningKey().pem, at: at(7_000) });
    expect(twice.keys.map(({ validFor }) => validFor.end)).toEqual([
      at(5_000).toISOString(),
      at(7_000).toISOString(),
      undefined,
    ]);
  });

  test("is refused without a key to end, to a key that is known, and to before the key began", () => {
    const rotate = (change: object) => () =>
      rotateKey(trust, { name: "release", publicKey: next.pem, at: at(5_000), ...change });
    expect(rotate({ name: "nightly" })).toThrow(refusal("USAGE_INVALID"));
    expect(rotate({ publicKey: key.pem })).toThrow(refusal("USAGE_INVALID"));
    expect(rotate({ at: at(0) })).toThrow(refusal("USAGE_INVALID"));
  });
});
