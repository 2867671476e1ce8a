/** What a model's file says of itself. */
export interface ModelHeader {
  readonly format: "gguf" | "safetensors";
  readonly architecture?: string;
  /** Tokens that it was made for. */
  readonly contextLength?: number;
  readonly hasChatTemplate: boolean;
}
