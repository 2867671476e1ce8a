export { checkEngine } from "./check-engine.ts";
export type { CheckEngineOptions, ConformanceResult } from "./check-engine.ts";
