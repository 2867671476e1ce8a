export { serveModel } from "./serve-model.ts";
export { createModelService } from "./create-model-service.ts";
export type { ModelServer } from "./serve-model.ts";
export type { ServeModelOptions } from "./create-model-service.ts";
export type { LoadModelOptions, ModelFile } from "./load/load-model.ts";
export { modelMetrics } from "./server/model-metrics.ts";
export { modelEvents } from "./server/model-events.ts";
export { parameters, renderParameters } from "./openai/parameters.ts";
export type { Endpoint, Handling } from "./openai/parameters.ts";
