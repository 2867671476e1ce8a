import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GateResult, ServedAttestation } from "@hxp/release-gates";
import { before, changed, judgeSignatures, leafOf, locked, type SignaturesCase } from "../../test/judge-signatures.ts";
import { rulesOf } from "../../test/make-input.ts";
import { type SigningWorld, startSigningWorld, workflow } from "../../test/sign-provenance.ts";
import { createFolder } from "../../test/temporary-folder.ts";

let folder: string;
let world: SigningWorld;
let provenance: ServedAttestation;
beforeAll(async () => {
  folder = await createFolder();
  world = await startSigningWorld(folder);
  provenance = await world.sign("pkg:npm/leaf@1.1.0", Buffer.from("leaf@1.1.0"));
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const withRoot: SignaturesCase["policy"] = { signatures: { trustedRoot: "trusted_root.json" } };

const judge = (
  attestations: readonly ServedAttestation[] | undefined,
  parts: SignaturesCase = {},
): Promise<GateResult> =>
  judgeSignatures({
    ...changed({ hasProvenance: true }),
    folder,
    upstream: { attestations: () => Promise.resolve(attestations) },
    ...parts,
  });

/** A copy of the provenance with its bundle's JSON text changed. */
function tampered(change: (text: string) => string): ServedAttestation {
  return { ...provenance, bundle: JSON.parse(change(JSON.stringify(provenance.bundle))) as object };
}

describe("provenance", () => {
  test("is verified by certificate and log with a trusted root, and says who built it", async () => {
    const result = await judge([provenance], { policy: withRoot });
    expect(result).toMatchObject({ verdict: "passed", findings: [] });
    expect(leafOf(result)).toMatchObject({ provenance: "verified", builtBy: workflow });
  });

  test("is served and never verified without a trusted root, which one warning says", async () => {
    const result = await judge([provenance]);
    expect(result).toMatchObject({
      verdict: "passed",
      findings: [
        {
          rule: "provenance-unverified",
          severity: "warning",
          message: expect.stringMatching(/^The provenance of 1 of 2 dependencies .* was not verified/),
          fix: expect.stringContaining("signatures.trustedRoot"),
        },
      ],
    });
    expect(leafOf(result)).toMatchObject({ provenance: "served", note: expect.stringContaining("not verified") });
    expect(result.observed).toMatchObject({ provenance: "1 served, 1 none" });
    expect(leafOf(result)).not.toHaveProperty("builtBy");
  });

  test.each([
    ["another version", "pkg:npm/leaf@1.0.0", "leaf@1.1.0", "is about pkg:npm/leaf@1.0.0"],
    ["other bytes", "pkg:npm/leaf@1.1.0", "evil", "is about other bytes"],
  ])("of %s fails, trusted root or not", async (_title, purl, bytes, message) => {
    const wrong = await world.sign(purl, Buffer.from(bytes));
    for (const policy of [{}, withRoot]) {
      // oxlint-disable-next-line no-await-in-loop -- they share a folder
      const result = await judge([provenance, wrong], { policy });
      expect(rulesOf(result)).toEqual(["provenance-invalid"]);
      expect(result.findings[0]!.message).toContain(message);
      expect(leafOf(result).provenance).toBe("invalid");
    }
  });

  test.each<[string, (text: string) => string]>([
    [
      "whose signature was changed",
      (text) =>
        text.replace(/("sig":".{20})(.)/, (_, head: string, next: string) => `${head}${next === "A" ? "B" : "A"}`),
    ],
    ["without its log entry", (text) => text.replace(/"tlogEntries":\[.*?\](?=,"|\})/, '"tlogEntries":[]')],
  ])("%s fails with a trusted root", async (_title, change) => {
    const changedBundle = tampered(change);
    expect(changedBundle).not.toEqual(provenance);
    expect(rulesOf(await judge([changedBundle], { policy: withRoot }))).toEqual(["provenance-invalid"]);
  });

  test("by an authority that the trusted root does not have fails", async () => {
    const own = await createFolder();
    const text = readFileSync(join(folder, "trusted_root.json"), "utf8");
    const root = JSON.parse(text) as { certificateAuthorities: unknown[] };
    writeFileSync(join(own, "trusted_root.json"), JSON.stringify({ ...root, certificateAuthorities: [] }));
    const result = await judge([provenance], { policy: withRoot, folder: own });
    rmSync(own, { recursive: true });
    expect(rulesOf(result)).toEqual(["provenance-invalid"]);
  });

  test("that is named and not served is unknown, and said to be", async () => {
    for (const served of [undefined, [], [{ ...provenance, predicateType: "https://example.com/other" }]]) {
      // oxlint-disable-next-line no-await-in-loop -- they share a folder
      const result = await judge(served);
      expect(result).toMatchObject({
        verdict: "passed",
        findings: [{ rule: "provenance-unknown", severity: "warning" }],
      });
      expect(leafOf(result).provenance).toBe("unknown");
    }
  });

  test("that is named and not served fails where a version before had one", async () => {
    const attested = { ...before, hasProvenance: true };
    const result = await judge(undefined, { versions: [attested, { ...locked, hasProvenance: true }] });
    expect(result).toMatchObject({
      verdict: "failed",
      findings: [
        { rule: "provenance-unknown", severity: "error", message: expect.stringContaining("leaf@1.0.0 before") },
      ],
    });
    expect(leafOf(result).provenance).toBe("unknown");
  });

  test("that holds no statement fails", async () => {
    const result = await judge([{ ...provenance, bundle: { dsseEnvelope: { payload: "e30=" } } }]);
    expect(rulesOf(result)).toEqual(["provenance-invalid"]);
  });

  test("fails the gate when the policy's trusted root is not there", async () => {
    const result = await judge([provenance], { policy: { signatures: { trustedRoot: "nowhere.json" } } });
    expect(rulesOf(result)).toEqual(["gate-crashed"]);
    expect(result.reason).toContain("nowhere.json");
  });
});
