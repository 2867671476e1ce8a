import { HxpError } from "@hxp/errors";
import { describe, expect, test } from "vitest";
import { type AdvisoriesDetails, advisoriesGate, type GateInput, type GateResult, runGates } from "@hxp/release-gates";
import { makeAdvisory } from "../../test/make-advisory.ts";
import { rulesOf } from "../../test/make-input.ts";
import { makeVulnerableWorkspace, type VulnerableParts } from "../../test/make-vulnerable-workspace.ts";

async function judge(parts: VulnerableParts): Promise<GateResult> {
  const [result] = await runGates([advisoriesGate], await makeVulnerableWorkspace(parts));
  return result!;
}

function detailsOf(result: GateResult): AdvisoriesDetails {
  return result.details as AdvisoriesDetails;
}

const harmless = makeAdvisory({ id: "GHSA-0", name: "nobody-has-it" });
const vulnerable = makeAdvisory({
  id: "GHSA-aaaa-bbbb-cccc",
  events: [{ introduced: "0" }, { fixed: "1.3.0" }],
  severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
});

describe("the registry's endpoint", () => {
  const known = { id: 2, title: "Prototype pollution", severity: "critical", vulnerable_versions: "<0.2.1" };
  const canary = { minimist: [known] };
  const served = {
    ...canary,
    leaf: [
      {
        id: 1,
        url: "https://github.com/advisories/GHSA-aaaa-bbbb-cccc",
        title: "Served",
        severity: "high",
        vulnerable_versions: "<1.3.0",
      },
    ],
  };
  const upstream = (advisories: GateInput["upstream"]["advisories"]): VulnerableParts["input"] => ({
    upstream: {
      packument: () => Promise.resolve(undefined),
      keys: () => Promise.resolve([]),
      attestations: () => Promise.resolve(undefined),
      ...(advisories === undefined ? {} : { advisories }),
    },
  });

  test("is a source where there is no snapshot, and is told no name of our own", async () => {
    const asked: unknown[] = [];
    const result = await judge({
      input: upstream((versions) => {
        asked.push(versions);
        return Promise.resolve(served);
      })!,
    });
    expect(asked).toEqual([{ leaf: ["1.2.0"], middle: ["1.0.0"], minimist: ["0.0.8"] }]);
    expect(result).toMatchObject({
      verdict: "failed",
      checked: 2,
      observed: { snapshot: "none is imported", registry: "its endpoint for advisories answered" },
      findings: [{ rule: "vulnerable", message: expect.stringContaining("GHSA-aaaa-bbbb-cccc (high): Served") }],
    });
    expect(detailsOf(result)).toMatchObject({ registry: { answered: true } });
  });

  test("says the same as the snapshot only once", async () => {
    const result = await judge({ advisories: [vulnerable], input: upstream(() => Promise.resolve(served))! });
    expect(detailsOf(result).matches).toMatchObject([{ advisory: "GHSA-aaaa-bbbb-cccc", severity: "critical" }]);
  });

  test("keeps an old snapshot from blocking, not from warning", async () => {
    const advisories = [{ ...harmless, modified: "2026-01-01T00:00:00Z" }];
    const result = await judge({ advisories, input: upstream(() => Promise.resolve(canary))! });
    expect(result).toMatchObject({ verdict: "passed", findings: [{ rule: "snapshot-stale", severity: "warning" }] });
  });

  test("passes a closure against which it knows nothing, when it knows the canary", async () => {
    expect(await judge({ input: upstream(() => Promise.resolve(canary))! })).toMatchObject({
      verdict: "passed",
      checked: 2,
    });
  });

  test.each<[string, Awaited<ReturnType<NonNullable<GateInput["upstream"]["advisories"]>>>]>([
    ["is empty", {}],
    ["has no advisory about the canary", { minimist: [] }],
    ["has one about other versions of the canary", { minimist: [{ ...known, vulnerable_versions: ">=1.0.0" }] }],
  ])("proves nothing where its answer %s: neither alone nor beside a stale snapshot", async (_title, answer) => {
    const input = upstream(() => Promise.resolve(answer))!;
    const alone = await judge({ input });
    expect(alone).toMatchObject({ verdict: "not-run", checked: 0, reason: expect.stringContaining("minimist@0.0.8") });
    const advisories = [{ ...harmless, modified: "2026-01-01T00:00:00Z" }];
    const stale = await judge({ advisories, input });
    expect([stale.verdict, rulesOf(stale)]).toEqual(["failed", ["snapshot-stale"]]);
    expect(detailsOf(stale).registry.answered).toBe(false);
  });

  test("counts with what it serves beside a snapshot, though it does not know the canary", async () => {
    const { minimist: _unknown, ...others } = served;
    const result = await judge({ advisories: [harmless], input: upstream(() => Promise.resolve(others))! });
    expect(rulesOf(result)).toEqual(["vulnerable"]);
  });

  test("is asked about the canary of the policy, beside versions of the same name that are used", async () => {
    const asked: unknown[] = [];
    const result = await judge({
      policy: { canary: "leaf@0.1.0" },
      input: upstream((versions) => {
        asked.push(versions);
        return Promise.resolve({ leaf: [{ ...known, vulnerable_versions: "<1.0.0" }] });
      })!,
    });
    expect(asked).toEqual([{ leaf: ["1.2.0", "0.1.0"], middle: ["1.0.0"] }]);
    expect(result).toMatchObject({ verdict: "passed", findings: [] });
    await expect(judge({ policy: { canary: "leaf" } })).rejects.toThrow("name@version");
  });

  test.each<[string, GateInput["upstream"]["advisories"], string]>([
    ["does not exist", () => Promise.resolve(undefined), "it has no endpoint for advisories"],
    [
      "cannot be reached",
      () => Promise.reject(new HxpError("REGISTRY_UNREACHABLE", "no route")),
      "it could not be asked: no route",
    ],
  ])("is no source where it %s", async (_title, advisories, says) => {
    expect(await judge({ input: upstream(advisories)! })).toMatchObject({
      verdict: "not-run",
      observed: { registry: says },
    });
    const withSnapshot = await judge({ advisories: [harmless], input: upstream(advisories)! });
    expect(withSnapshot).toMatchObject({ verdict: "passed", observed: { registry: says } });
  });
});
