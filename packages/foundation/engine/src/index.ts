export type { Capabilities, Engine, LoadContext, LoadedModel, LoadOptions, MemoryPlan, ModelInfo } from "./engine.ts";
export type { EngineMetrics } from "./engine-metrics.ts";
export type {
  ChosenLogprob,
  Constraint,
  ContentPart,
  EmbedRequest,
  EmbedResult,
  EndReason,
  GenerateEvent,
  GenerateRequest,
  Message,
  Prompt,
  Sampling,
  TokenLogprob,
  Tool,
  ToolCall,
  ToolChoice,
  Usage,
} from "./generate.ts";
