import { checkEngine } from "@hxp/engine/conformance";
import { expect, test } from "vitest";
import { loadOptions, writeTinyModel } from "../test/tiny-model.ts";
import { createLlamaEngine } from "./create-llama-engine.ts";

test("it does all that the seam promises", async () => {
  await using model = await writeTinyModel();
  const results = await checkEngine(createLlamaEngine(), { load: loadOptions(model.file) });
  expect(results.filter(({ verdict }) => verdict !== "passed")).toEqual([]);
  expect(results.length).toBeGreaterThan(25);
});
