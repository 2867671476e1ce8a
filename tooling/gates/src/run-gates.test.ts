import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createGate, type Gate, type GateResult, isBlocking, type Observation, runGates } from "@hxp/release-gates";
import { makeInput, rulesOf } from "../test/make-input.ts";
import { temporaryFolder } from "../test/temporary-folder.ts";

const fault: Observation = {
  rule: "fault",
  package: "@acme/a",
  where: "x",
  message: "m",
  why: "w",
  fix: "f",
  severity: "error",
};
const waiver = { gate: "sample", rule: "fault", owner: "Ada", reason: "fix is under way", expires: "2026-12-01" };

function gateOf(
  inspection: { checked?: number; observations?: Observation[]; notRun?: string },
  name = "sample",
): Gate {
  const inspect = () => Promise.resolve({ checked: 1, observations: [], inputs: [], ...inspection });
  return createGate({ name, title: "A sample", inspect });
}

function lyingGate(result: Partial<GateResult>): Gate {
  const honest = gateOf({});
  return { ...honest, judge: async (input) => ({ ...(await honest.judge(input)), ...result }) };
}

async function judge(gate: Gate, waivers: object[] = []): Promise<GateResult[]> {
  const input = makeInput(await temporaryFolder(), { policy: { waivers: waivers as (typeof waiver)[] } });
  return runGates([gate], input);
}

describe("runGates", () => {
  test("passes what was looked at and is without error", async () => {
    const [result] = await judge(gateOf({ observations: [{ ...fault, severity: "warning" }] }));
    expect(result).toMatchObject({ gate: "sample", verdict: "passed", checked: 1 });
    expect(result!.policyDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(isBlocking(result!)).toBe(false);
  });

  test("fails on one error", async () => {
    const [result] = await judge(gateOf({ observations: [fault] }));
    expect(result).toMatchObject({ verdict: "failed", findings: [{ gate: "sample", rule: "fault" }] });
    expect(isBlocking(result!)).toBe(true);
  });

  test("fails a gate that looked at nothing", async () => {
    const [result] = await judge(gateOf({ checked: 0 }));
    expect(result!.verdict).toBe("failed");
    expect(rulesOf(result!)).toEqual(["nothing-checked"]);
  });

  test("fails a gate that throws, and carries the error", async () => {
    const [result] = await judge({ name: "sample", title: "", judge: () => Promise.reject(new Error("disk on fire")) });
    expect(result).toMatchObject({ verdict: "failed", reason: "disk on fire", checked: 0 });
    expect(rulesOf(result!)).toEqual(["gate-crashed"]);
  });

  test.each([
    ["passed beside an error", { verdict: "passed", findings: [{ gate: "sample", ...fault }] }, ["fault"]],
    ["passed without having looked", { verdict: "passed", checked: 0 }, ["nothing-checked"]],
    ["passed after NaN checks", { verdict: "passed", checked: Number.NaN }, ["nothing-checked"]],
    ["waived without a waiver", { verdict: "waived", findings: [{ gate: "sample", ...fault }] }, ["fault"]],
    ["failed without an error", { verdict: "failed" }, ["verdict-unexplained"]],
    ["not-run without a reason", { verdict: "not-run", reason: " " }, ["reason-missing"]],
  ] as const)("takes no gate's word when it says %s", async (_title, result, rules) => {
    const [judged] = await judge(lyingGate(result as Partial<GateResult>));
    expect(judged!.verdict).toBe("failed");
    expect(rulesOf(judged!)).toEqual(rules);
  });

  test("lets not-run block, whoever would answer for it", async () => {
    const gate = gateOf({ notRun: "no advisory snapshot is imported", checked: 0 });
    for (const waivers of [[], [{ ...waiver, rule: "not-run" }]]) {
      const [blocked] = await judge(gate, waivers);
      expect(blocked).toMatchObject({ verdict: "not-run", reason: "no advisory snapshot is imported" });
      expect(isBlocking(blocked!)).toBe(true);
    }
  });

  test("excuses not-run in a rehearsal whose policy can do without the gate, and nowhere else", async () => {
    const gate = gateOf({ notRun: "the registry serves no signatures", checked: 0 });
    const run = async (isRehearsal: boolean, mayNotRun: string[]): Promise<GateResult> => {
      const input = makeInput(await temporaryFolder(), { policy: { rehearsal: { mayNotRun } }, isRehearsal });
      const [result] = await runGates([gate], input);
      return result!;
    };
    const excused = await run(true, ["sample"]);
    expect(excused).toMatchObject({ verdict: "not-run", findings: [{ rule: "not-run" }] });
    expect(excused.findings[0]?.waiver).toMatchObject({ owner: "policy rehearsal.mayNotRun", expires: "2026-11-23" });
    expect(isBlocking(excused)).toBe(false);
    expect(isBlocking(await run(true, ["another"]))).toBe(true);
    expect(isBlocking(await run(false, ["sample"]))).toBe(true);
  });

  test("excuses no error in a rehearsal", async () => {
    const input = makeInput(await temporaryFolder(), {
      policy: { rehearsal: { mayNotRun: ["sample"] } },
      isRehearsal: true,
    });
    const [result] = await runGates([gateOf({ observations: [fault] })], input);
    expect(isBlocking(result!)).toBe(true);
  });

  test("fails beside an error that was found before the gate had to stop, excused rehearsal or not", async () => {
    const gate = gateOf({ notRun: "the registry serves no signatures", observations: [fault] });
    const policy = { rehearsal: { mayNotRun: ["sample"] } };
    const run = async (waivers: (typeof waiver)[]): Promise<GateResult> => {
      const input = makeInput(await temporaryFolder(), { policy: { ...policy, waivers }, isRehearsal: true });
      const [result] = await runGates([gate], input);
      return result!;
    };
    const failed = await run([]);
    expect(failed).toMatchObject({ verdict: "failed", reason: "the registry serves no signatures" });
    expect(rulesOf(failed)).toEqual(["fault", "not-run"]);
    expect(isBlocking(failed)).toBe(true);
    const excused = await run([waiver]);
    expect(excused.verdict).toBe("not-run");
    expect(isBlocking(excused)).toBe(false);
  });

  test("lets a waived error not stand for what did not run", async () => {
    const [result] = await judge(gateOf({ notRun: "no keys", observations: [fault] }), [waiver]);
    expect(result!.verdict).toBe("not-run");
    expect(isBlocking(result!)).toBe(true);
  });

  test("takes no waiver that a gate brings along for itself", async () => {
    const own = { gate: "sample", ...fault, waiver: { ...waiver, gate: "sample" } };
    const [judged] = await judge(lyingGate({ verdict: "waived", findings: [own] }));
    expect(judged).toMatchObject({ verdict: "failed", findings: [{ rule: "fault" }] });
    expect(judged!.findings[0]).not.toHaveProperty("waiver");
  });

  test("gives each gate a scratch folder of its own", async () => {
    const seen: string[] = [];
    const gate = (name: string): Gate =>
      createGate({
        name,
        title: name,
        inspect: async ({ scratch }) => {
          seen.push(scratch);
          return { checked: existsSync(scratch) ? 1 : 0, observations: [], inputs: [] };
        },
      });
    const results = await runGates([gate("one"), gate("two")], makeInput(await temporaryFolder()));
    expect(results.map(({ verdict }) => verdict)).toEqual(["passed", "passed"]);
    expect(new Set(seen).size).toBe(2);
  });

  test("refuses no gates, and two of one name", async () => {
    const input = makeInput(await temporaryFolder());
    await expect(runGates([], input)).rejects.toMatchObject({ code: "GATES_INVALID", exitCode: 14 });
    await expect(runGates([gateOf({}), gateOf({})], input)).rejects.toThrow("Two gates are named sample");
  });

  test("throws instead of judging when it is aborted", async () => {
    const controller = new AbortController();
    const gate: Gate = { ...gateOf({}), judge: (input) => (controller.abort(), gateOf({}).judge(input)) };
    const input = makeInput(await temporaryFolder(), { signal: controller.signal });
    await expect(runGates([gate], input)).rejects.toThrow("aborted");
  });
});

describe("waivers", () => {
  const failing = gateOf({ observations: [fault] });

  test("turn failed into waived and stay visible on the finding", async () => {
    const [result, waivers] = await judge(failing, [waiver]);
    expect(result).toMatchObject({ verdict: "waived", findings: [{ waiver }] });
    expect(isBlocking(result!)).toBe(false);
    expect(waivers).toMatchObject({ gate: "waivers", verdict: "passed", findings: [] });
  });

  test("hold through their last day", async () => {
    const [result] = await judge(failing, [{ ...waiver, expires: "2026-11-23" }]);
    expect(result!.verdict).toBe("waived");
  });

  test.each([
    ["another rule", { rule: "other" }],
    ["another gate", { gate: "other" }],
    ["another package", { package: "@acme/b" }],
  ])("leave a finding of %s alone, and say that they are unused", async (_title, change) => {
    const [result, waivers] = await judge(failing, [{ ...waiver, ...change }]);
    expect(result!.verdict).toBe("failed");
    expect(waivers).toMatchObject({ verdict: "passed", findings: [{ rule: "waiver-unused", severity: "warning" }] });
  });

  test("cover one finding and not the one beside it", async () => {
    const gate = gateOf({ observations: [fault, { ...fault, package: "@acme/b" }] });
    const [result] = await judge(gate, [{ ...waiver, package: "@acme/a" }]);
    expect(result!.verdict).toBe("failed");
    expect(result!.findings.map((finding) => finding.waiver !== undefined)).toEqual([true, false]);
  });

  test.each(["left-pad", "left-pad@1.3.0"])("of the dependency %s cover it and not the one beside it", async (name) => {
    const about = (dependency: string): Observation => ({ ...fault, dependency });
    const gate = gateOf({ observations: [about("left-pad@1.3.0"), about("left-pad-2@1.3.0"), fault] });
    const [result] = await judge(gate, [{ ...waiver, dependency: name }]);
    expect(result!.verdict).toBe("failed");
    expect(result!.findings.filter((finding) => finding.waiver !== undefined)).toMatchObject([
      { dependency: "left-pad@1.3.0" },
    ]);
  });

  test.each([
    ["@scope/left-pad", "@scope/left-pad@1.3.0", true],
    ["@scope/left-pad@1.2.0", "@scope/left-pad@1.3.0", false],
    ["@scope", "@scope/left-pad@1.3.0", false],
    ["left-pad", "left-pad@git+https://example.com/a@b.git", true],
  ])("of %s and a finding about %s: %j", async (name, dependency, isCovered) => {
    const [result, waivers] = await judge(gateOf({ observations: [{ ...fault, dependency }] }), [
      { ...waiver, dependency: name },
    ]);
    expect(result!.verdict).toBe(isCovered ? "waived" : "failed");
    expect(rulesOf(waivers!)).toEqual(isCovered ? [] : ["waiver-unused"]);
  });

  test("are worth nothing after their last day, which is an error of its own", async () => {
    const [result, waivers] = await judge(failing, [{ ...waiver, expires: "2026-11-22" }]);
    expect(result!.verdict).toBe("failed");
    expect(waivers).toMatchObject({ verdict: "failed", findings: [{ rule: "waiver-expired", where: "waivers[0]" }] });
    expect(isBlocking(waivers!)).toBe(true);
  });

  test("may last 90 days and no longer", async () => {
    const [, longest] = await judge(failing, [{ ...waiver, expires: "2027-02-21" }]);
    expect(longest!.verdict).toBe("passed");
    const [result, tooLong] = await judge(failing, [{ ...waiver, expires: "2027-02-22" }]);
    expect(result!.verdict).toBe("failed");
    expect(rulesOf(tooLong!)).toEqual(["waiver-too-long"]);
  });

  test.each(["gate-crashed", "nothing-checked"])("cannot cover %s", async (rule) => {
    const broken: Gate =
      rule === "gate-crashed"
        ? { name: "sample", title: "", judge: () => Promise.reject(new Error("x")) }
        : gateOf({ checked: 0 });
    const [result] = await judge(broken, [{ ...waiver, rule }]);
    expect(result!.verdict).toBe("failed");
  });

  test("for a gate of another run are not unused in this one", async () => {
    const input = makeInput(await temporaryFolder(), { policy: { waivers: [{ ...waiver, gate: "later" }] } });
    const [, waivers] = await runGates([gateOf({})], input, { otherGates: ["later"] });
    expect(waivers!.findings).toEqual([]);
  });
});
