export { createLlamaEngine } from "./create-llama-engine.ts";
export type { LlamaEngineOptions } from "./create-llama-engine.ts";
export type { LlamaSettings } from "./plan/read-settings.ts";
export type { LogLine } from "./addon/load-addon.ts";
