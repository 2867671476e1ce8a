export { modelsSchema } from "./models-schema.ts";
export { modelManifest } from "./model-manifest.ts";
export type { ModelsConfig, ServedModelConfig, WrittenModels } from "./models-schema.ts";
export type { ModelManifest } from "./model-manifest.ts";
