import { describe, expect, test } from "vitest";
import type { JsonObject } from "@hxp/release-gates";
import { before, changed, judgeSignatures, leafOf, locked, other } from "../../test/judge-signatures.ts";
import { rulesOf } from "../../test/make-input.ts";
import { makePackument, makeUpstream, type VersionParts } from "../../test/sign-packuments.ts";

const eve: JsonObject = { name: "eve", email: "eve@example.com" };
const robot: JsonObject = { name: "GitHub Actions", trustedPublisher: { id: "github", oidcConfigId: "oidc:1" } };

describe("signaturesGate, on what earlier versions had", () => {
  test.each<[string, Partial<VersionParts>[]]>([
    ["a version of its line", [{ version: "1.0.5", hasProvenance: true }]],
    ["a version of an older line", [{ version: "0.9.0", hasProvenance: true }]],
    ["an older version and not the last", [{ version: "1.0.1", hasProvenance: true }, { version: "1.0.2" }]],
  ])("fails when a provenance was lost that %s had", async (_title, earlier) => {
    const versions = earlier.map((parts, index) => ({ ...before, time: `2026-02-0${index + 1}T00:00:00Z`, ...parts }));
    const result = await judgeSignatures({ versions: [...versions, locked] });
    expect(rulesOf(result)).toEqual(["provenance-lost"]);
    expect(leafOf(result).provenance).toBe("lost");
  });

  test.each<[string, Partial<VersionParts>]>([
    ["a newer line", { version: "2.0.0" }],
    ["a prerelease", { version: "1.1.0-rc.1" }],
    ["a version that was published later", { version: "1.0.9", time: "2026-11-21T00:00:00Z" }],
  ])("does not miss the provenance of %s", async (_title, parts) => {
    const versions = [{ ...before, hasProvenance: true, ...parts }, locked];
    const result = await judgeSignatures({ versions });
    expect(result).toMatchObject({ verdict: "passed", findings: [] });
    expect(leafOf(result).provenance).toBe("none");
  });

  test("fails on a publisher who is new, while the version is young", async () => {
    const result = await judgeSignatures(changed({ user: eve }));
    expect(result).toMatchObject({ verdict: "failed", findings: [{ rule: "publisher-new", severity: "error" }] });
    expect(result.findings[0]!.message).toContain("published by eve");
    expect(leafOf(result)).toMatchObject({ publisher: "eve", previousPublisher: "ada" });
    const old = await judgeSignatures(changed({ user: eve, time: "2026-10-20T00:00:00Z" }));
    expect(old).toMatchObject({ verdict: "passed", findings: [{ rule: "publisher-new", severity: "warning" }] });
    const policy = { signatures: { newPublisherDays: 60 } };
    expect(await judgeSignatures({ ...changed({ user: eve, time: "2026-10-20T00:00:00Z" }), policy })).toMatchObject({
      verdict: "failed",
    });
  });

  test("takes a publisher who published before, and the first of all", async () => {
    const between = { ...before, version: "1.0.1", time: "2026-02-01T00:00:00Z", user: eve };
    expect(await judgeSignatures({ versions: [before, between, locked] })).toMatchObject({ verdict: "passed" });
    expect(await judgeSignatures({ versions: [{ ...locked, user: eve }] })).toMatchObject({ verdict: "passed" });
  });

  test("takes a trusted publisher with a provenance in place of people, and none without", async () => {
    const trusted = await judgeSignatures(changed({ user: robot, hasProvenance: true }));
    expect(trusted).toMatchObject({ verdict: "passed", findings: [{ rule: "provenance-unknown" }] });
    expect(leafOf(trusted).publisher).toBe("GitHub Actions (trusted publisher github)");
    expect(rulesOf(await judgeSignatures(changed({ user: robot })))).toEqual(["publisher-new"]);
  });

  test("reads hostile packuments without losing a version", async () => {
    const packument: JsonObject = makePackument("leaf", [locked]);
    (packument["versions"] as JsonObject)["1.0.0"] = { dist: 7, _npmUser: "x", repository: null };
    (packument["time"] as JsonObject)["1.0.0"] = "2026-01-01";
    (packument["versions"] as JsonObject)["0.9.0"] = "nonsense";
    const result = await judgeSignatures({ upstream: { packument: makeUpstream([packument, other]).packument } });
    expect(result).toMatchObject({ verdict: "passed", checked: 2 });
  });
});
