import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readTrust, type Trust, verifyStatement } from "@hxp/evidence";
import { assert as check, asyncProperty, constantFrom, nat } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readReport } from "../src/index.ts";
import { type BundleVerification, verifyBundle, type VerifierTrust } from "../src/verify/verify-bundle.ts";
import { makeEvidence } from "./make-evidence.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder().path;
const now = new Date("2026-12-01T00:00:00Z");
let trust: Trust;
let own: VerifierTrust;
const bundles: Record<string, unknown>[] = [];

beforeAll(async () => {
  await makeEvidence(folder);
  trust = readTrust(join(folder, "trust"));
  const data = readReport(folder);
  own = { keys: data.keys, logs: data.logs };
  for (const { file } of data.signed) bundles.push(JSON.parse(readFileSync(join(folder, file), "utf8")) as never);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the reference says: accepted, or the error's code. */
function ask(bundle: unknown, given: Trust = trust): string {
  try {
    verifyStatement(JSON.stringify(bundle), { trust: given, subjects: "any", predicateType: "any", now });
    return "accepted";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

async function askHere(bundle: unknown, given: VerifierTrust = own): Promise<BundleVerification> {
  return verifyBundle(JSON.stringify(bundle), given, now);
}

/** Paths of all values in a JSON value that are texts or numbers. */
function listLeaves(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, child]) =>
      listLeaves(child, [...path, Array.isArray(value) ? Number(key) : key]),
    );
  }
  return [path];
}

/** A copy with one value changed, or without it. */
function change(value: unknown, path: readonly (string | number)[], to: (old: unknown) => unknown): unknown {
  const copy = structuredClone(value) as Record<string | number, unknown>;
  const parent = path.slice(0, -1).reduce((at, key) => at[key] as typeof copy, copy);
  const key = path.at(-1)!;
  const fresh = to(parent[key]);
  if (fresh === undefined) delete parent[key];
  else parent[key] = fresh;
  return copy;
}

describe("the browser's verifier and the reference", () => {
  test("accept every statement of a release, with the same time, place and key", async () => {
    expect(bundles.length).toBeGreaterThan(10);
    for (const bundle of bundles) {
      const reference = verifyStatement(JSON.stringify(bundle), { trust, subjects: "any", predicateType: "any", now });
      const here = await askHere(bundle);
      expect(here.verdict, JSON.stringify(here.steps)).toBe("passed");
      expect(here).toMatchObject({ logIndex: reference.logIndex, loggedAt: reference.loggedAt.toISOString() });
      expect(here.key?.hint).toBe((reference.signedBy as { hint: string }).hint);
      expect(here.statement?.subject).toEqual(reference.statement.subject);
    }
  });

  test("agree about each value of a bundle that is left out", async () => {
    for (const path of listLeaves(bundles[1])) {
      const changed = change(bundles[1], path, () => undefined);
      const [reference, here] = [ask(changed), await askHere(changed)];
      expect(`${path.join(".")} ${here.verdict === "passed"}`).toBe(`${path.join(".")} ${reference === "accepted"}`);
    }
  });

  test("agree about each value of a bundle that is another statement's", async () => {
    for (const path of listLeaves(bundles[1])) {
      const other = path.reduce<unknown>((at, key) => (at as Record<string | number, unknown>)?.[key], bundles[2]);
      if (other === undefined) continue;
      const changed = change(bundles[1], path, () => other);
      const [reference, here] = [ask(changed), await askHere(changed)];
      expect(`${path.join(".")} ${here.verdict === "passed"}`).toBe(`${path.join(".")} ${reference === "accepted"}`);
    }
  });

  test("agree about bundles with any character of any value changed", async () => {
    const leaves = listLeaves(bundles[1]);
    const property = asyncProperty(
      nat(leaves.length - 1),
      nat(),
      constantFrom("A", "0", "z", "/", "=", "-", "{"),
      async (leaf, place, to) => {
        const changed = change(bundles[1], leaves[leaf]!, (old) => {
          const text = String(old);
          const index = place % Math.max(1, text.length);
          return text.slice(0, index) + to + text.slice(index + 1);
        });
        const [reference, here] = [ask(changed), await askHere(changed)];
        // What the reference refuses must never pass here. It decodes base64 loosely; being stricter is no harm.
        if (reference !== "accepted") expect(here.verdict, reference).not.toBe("passed");
        if (here.verdict === "passed") expect(reference).toBe("accepted");
      },
    );
    await expect(check(property, { numRuns: 600 })).resolves.toBeUndefined();
  });

  test("refuse a key that did not count when the statement was logged, at the same step", async () => {
    const changes = [
      { start: "2026-11-26T00:00:00.000Z" },
      { start: "2026-11-01T00:00:00.000Z", end: "2026-11-02T00:00:00.000Z" },
    ];
    for (const validFor of changes) {
      const keys = trust.keys.map((key) => ({ ...key, validFor }));
      expect(ask(bundles[0], { ...trust, keys })).toBe("KEY_NOT_VALID");
      const here = await askHere(bundles[0], { ...own, keys: own.keys.map((key) => ({ ...key, validFor })) });
      expect(here.steps.at(-1)).toMatchObject({ check: "Key validity", verdict: "failed" });
    }
  });

  test("refuse a key that may not sign statements, an unknown key and an unknown log", async () => {
    const keys = own.keys.map((key) => ({ ...key, purposes: ["registry"] }));
    expect((await askHere(bundles[0], { ...own, keys })).steps.at(-1)).toMatchObject({
      check: "Key",
      verdict: "failed",
    });
    expect((await askHere(bundles[0], { ...own, keys: [] })).steps.at(-1)).toMatchObject({
      check: "Key",
      verdict: "failed",
    });
    const logless = await askHere(bundles[0], { ...own, logs: [] });
    expect(logless.steps.at(-1)).toMatchObject({ check: "Log entry", verdict: "failed" });
  });

  test("refuse an entry of the time to come", async () => {
    const result = await verifyBundle(JSON.stringify(bundles[0]), own, new Date("2026-11-25T20:00:00Z"));
    expect(result.steps.at(-1)?.says).toContain("logged in the future");
  });

  test("say of a certificate that it was not verified, not that it passed", async () => {
    const changed = change(bundles[0], ["verificationMaterial", "publicKey"], () => undefined);
    const withCertificate = change(changed, ["verificationMaterial", "certificate"], () => ({ rawBytes: "AAAA" }));
    expect((await askHere(withCertificate)).verdict).toBe("not-run");
  });
});
