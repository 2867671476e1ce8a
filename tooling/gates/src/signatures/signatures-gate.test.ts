import { describe, expect, test } from "vitest";
import { isBlocking, type Upstream } from "@hxp/release-gates";
import {
  changed,
  judgeSignatures,
  key,
  leafOf,
  locked,
  before,
  type SignaturesCase,
} from "../../test/judge-signatures.ts";
import { rulesOf } from "../../test/make-input.ts";
import { integrityFor, makePackument, makeRegistryKey, makeUpstream } from "../../test/sign-packuments.ts";

describe("signaturesGate", () => {
  test("passes dependencies that the registry signed over the pinned bytes", async () => {
    const result = await judgeSignatures();
    expect(result).toMatchObject({ verdict: "passed", checked: 2, findings: [] });
    expect(result.observed).toEqual({ keys: key.served.keyid, provenance: "2 unknown" });
    expect(leafOf(result)).toEqual({
      id: "leaf@1.1.0",
      name: "leaf",
      version: "1.1.0",
      integrity: integrityFor("leaf", "1.1.0"),
      signature: "verified",
      keyid: key.served.keyid,
      provenance: "unknown",
      publisher: "ada",
      previousPublisher: "ada",
    });
  });

  test("names dependency, way, and what to do", async () => {
    const [finding] = (await judgeSignatures(changed({ signedIntegrity: integrityFor("leaf", "1.0.0") }))).findings;
    expect(finding).toMatchObject({
      dependency: "leaf@1.1.0",
      where: "@acme/a@3.0.0 > leaf@1.1.0",
      message: `The signature of leaf@1.1.0 by ${key.served.keyid} is not over ${integrityFor("leaf", "1.1.0")}.`,
      fix: expect.stringContaining("a version that it signs"),
    });
  });

  test.each([
    ["no integrity", "{}", "integrity-missing"],
    ["an integrity in SHA-1", "{ integrity: sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= }", "integrity-weak"],
    ["another integrity than the registry's", `{ integrity: ${integrityFor("evil", "1.1.0")} }`, "integrity-differs"],
  ])("fails on %s in the lockfile", async (_title, resolution, rule) => {
    const result = await judgeSignatures({ resolution });
    expect(result.verdict).toBe("failed");
    expect(rulesOf(result)).toContain(rule);
  });

  test.each<[string, SignaturesCase, string[], string]>([
    [
      "whose signature is of a key that nobody knows",
      changed({ signedBy: makeRegistryKey() }),
      ["key-unknown"],
      "unknown",
    ],
    [
      "that is signed by a key of the same id and other bytes",
      { upstream: { keys: keysOfOthers } },
      ["signature-invalid"],
      "invalid",
    ],
    [
      "that is not signed where the rest is",
      { versions: [{ ...locked, signedBy: undefined }] },
      ["signature-missing"],
      "unsigned",
    ],
    ["that lost the signature that it had", changed({ signedBy: undefined }), ["signature-lost"], "unsigned"],
    ["that is not on the registry", { versions: [before] }, ["signature-missing"], "unknown"],
    [
      "that was published after its key had expired",
      { upstream: { keys: expired("2026-11-01T00:00:00Z") } },
      ["key-expired"],
      "invalid",
    ],
    [
      "of no known time, under a key that has expired",
      { ...changed({ time: "" }), upstream: { keys: expired("2026-11-21T00:00:00Z") } },
      ["key-expired"],
      "invalid",
    ],
  ])("fails on a dependency %s", async (_title, parts, rules, signature) => {
    const result = await judgeSignatures(parts);
    expect(result.verdict).toBe("failed");
    expect(rulesOf(result)).toEqual(rules);
    expect(leafOf(result).signature).toBe(signature);
  });

  test("takes what was published before its key expired", async () => {
    const result = await judgeSignatures({ upstream: { keys: expired("2026-11-21T00:00:00Z") } });
    expect(result).toMatchObject({ verdict: "passed", findings: [] });
  });

  test("takes the keys that the policy pins and none that the registry serves", async () => {
    const { keyid, key: der } = key.served;
    const pinned = { signatures: { keys: [{ keyid, key: der }] } };
    expect(await judgeSignatures({ policy: pinned, upstream: { keys: async () => [] } })).toMatchObject({
      verdict: "passed",
    });
    const own = makeRegistryKey();
    const result = await judgeSignatures({
      ...changed({ signedBy: own }),
      policy: pinned,
      upstream: { keys: async () => [key.served, own.served] },
    });
    expect(rulesOf(result)).toEqual(["key-unknown"]);
  });

  test("fails on unsigned dependencies where the policy pins a key, even if nothing is signed", async () => {
    const { keyid, key: der } = key.served;
    const policy = { signatures: { keys: [{ keyid, key: der }] } };
    const packuments = [makePackument("leaf", [{ version: "1.1.0" }]), makePackument("other", [{ version: "1.0.0" }])];
    const result = await judgeSignatures({ policy, upstream: makeUpstream(packuments) });
    expect(result).toMatchObject({ verdict: "failed" });
    expect(rulesOf(result)).toEqual(["signature-missing"]);
    expect(result.findings).toHaveLength(2);
  });

  test("waives one dependency by name", async () => {
    const waiver = {
      gate: "signatures",
      rule: "signature-lost",
      dependency: "leaf@1.1.0",
      owner: "Ada",
      reason: "The mirror drops it",
      expires: "2026-12-01",
    };
    const result = await judgeSignatures({ ...changed({ signedBy: undefined }), policy: { waivers: [waiver] } });
    expect(result.verdict).toBe("waived");
  });
});

function keysOfOthers(): Promise<Awaited<ReturnType<Upstream["keys"]>>> {
  return Promise.resolve([{ ...makeRegistryKey().served, keyid: key.served.keyid }]);
}

function expired(expires: string): Upstream["keys"] {
  return () => Promise.resolve([{ ...key.served, expires }]);
}

describe("signaturesGate, where nothing can be verified", () => {
  const noKeys: Partial<Upstream> = { keys: async () => [] };
  const unsigned = makeUpstream([
    makePackument("leaf", [{ version: "1.1.0" }]),
    makePackument("other", [{ version: "1.0.0" }]),
  ]);
  const rehearsal = { policy: { rehearsal: { mayNotRun: ["signatures"] } }, isRehearsal: true };

  test.each<[string, Partial<Upstream>, string]>([
    ["no keys", noKeys, "no keys"],
    ["keys and no signatures", { packument: unsigned.packument }, "no signatures"],
    ["no dependency", { packument: async () => undefined }, "serves none of the dependencies"],
    [
      "nothing, because it is down",
      { packument: () => Promise.reject(new Error("no route to host")) },
      "no route to host",
    ],
    [
      "no answer to who its keys are",
      { keys: () => Promise.reject(new Error("502")) },
      "did not answer for the registry's keys: 502",
    ],
  ])("did not run when the registry serves %s", async (_title, upstream, reason) => {
    const result = await judgeSignatures({ upstream });
    expect(result).toMatchObject({ verdict: "not-run", reason: expect.stringContaining(reason), checked: 2 });
    expect(leafOf(result).signature).toBe("unknown");
    expect(isBlocking(result)).toBe(true);
    expect(isBlocking(await judgeSignatures({ upstream, ...rehearsal }))).toBe(false);
  });

  test("fails on a wrong integrity all the same, in a rehearsal, too", async () => {
    const resolution = `{ integrity: ${integrityFor("evil", "1.1.0")} }`;
    const result = await judgeSignatures({ upstream: noKeys, resolution, ...rehearsal });
    expect(result.verdict).toBe("failed");
    expect(rulesOf(result)).toEqual(["integrity-differs", "not-run"]);
    expect(isBlocking(result)).toBe(true);
  });

  test("fails on what was lost all the same", async () => {
    const result = await judgeSignatures({ ...changed({ signedBy: undefined }), upstream: noKeys, ...rehearsal });
    expect(rulesOf(result)).toEqual(["not-run", "signature-lost"]);
    expect(isBlocking(result)).toBe(true);
  });
});
