import { expect, test } from "vitest";
import { checkEngine } from "@hxp/engine/conformance";
import { createSimulatorEngine } from "@hxp/engine-simulator";

const load = { file: "/dev/null", contextLength: 1024, sequences: 2, threads: 1, gpuLayers: 0, variant: "cpu" };

test("the simulator is an engine by every check of the seam", async () => {
  const engine = createSimulatorEngine({ tokensPerSecond: 500, answerTokens: [32, 48] });
  const results = await checkEngine(engine, { load, timeout: 20_000 });
  expect(results.filter(({ verdict }) => verdict === "failed")).toEqual([]);
  expect(results.filter(({ verdict }) => verdict === "passed").length).toBeGreaterThan(15);
});
