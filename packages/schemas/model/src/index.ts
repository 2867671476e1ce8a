export { modelsSchema } from "./models-schema.ts";
export { catalogueEntry, modelCatalogue } from "./model-catalogue.ts";
export { modelManifest } from "./model-manifest.ts";
export type { CatalogueEntry } from "./model-catalogue.ts";
export type { ModelManifest } from "./model-manifest.ts";
export type { ModelsConfig, ServedModelConfig, WrittenModels } from "./models-schema.ts";
