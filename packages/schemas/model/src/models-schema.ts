import { type ConfigOf, defineSchema, type WrittenOf } from "@hxp/config";
import { modelsShape } from "./models-shape.ts";
import { digestsAgree, fileIsPinned, gpuHasVariant } from "./rules/serve-rules.ts";

/** The schema of the key `models` of `hxp.yaml`. */
export const modelsSchema = defineSchema({
  id: "urn:hxp:schema:models:1",
  title: "Models that are served here, and where their files are kept",
  schema: modelsShape,
  rules: [digestsAgree, fileIsPinned, gpuHasVariant],
});

/** The key `models` as a program reads it: defaults filled in, durations in milliseconds. */
export type ModelsConfig = ConfigOf<typeof modelsSchema>;

/** The key `models` as a person writes it. */
export type WrittenModels = WrittenOf<typeof modelsSchema>;

/** One model of `models.serve`. */
export type ServedModelConfig = ModelsConfig["serve"][string];
