/** What this package uses of the add-on in `@node-llama-cpp/*` 3.22.1; every class keeps memory until it is disposed. */
export interface Addon {
  readonly AddonModel: new (file: string, options: AddonModelOptions) => AddonModel;
  readonly AddonContext: new (model: AddonModel, options: AddonContextOptions) => AddonContext;
  /** Takes the grammar's text; throws when it is not well-formed. */
  readonly AddonGrammar: new (grammar: string, options: { addonExports: Addon; rootRuleName: string }) => AddonGrammar;
  readonly AddonGrammarEvaluationState: new (model: AddonModel, grammar: AddonGrammar) => AddonGrammarState;
  readonly AddonJinjaRenderer: new (template: string) => AddonTemplate;
  readonly AddonSampler: new (model: AddonModel) => AddonSampler;
  /** Levels: 2 error, 3 warning, 4 information, 5 debug. */
  setLogger(logger: (level: number, message: string) => void): void;
  setLoggerLogLevel(level: number): void;
  /** Registers what is linked in, or the backends in a folder. */
  loadBackends(folder?: string): void;
  /** `undefined` while no backend is loaded. */
  getGpuType(): string | false | undefined;
  ensureGpuDeviceIsSupported(): void;
  init(): Promise<void>;
}

/** Options of a model. */
interface AddonModelOptions {
  readonly addonExports: Addon;
  readonly gpuLayers: number;
  readonly useMmap: boolean;
  readonly useMlock: boolean;
  readonly hasLoadAbortSignal: boolean;
  readonly onLoadProgress: (share: number) => void;
  /** Entries of the file's metadata to replace; the last part is 0 for an integer. */
  readonly overridesList: readonly (readonly [key: string, value: number, type: 0])[];
}

/** Bytes by where they are. */
interface MemoryBreakdown {
  readonly cpuRam: number;
  readonly gpuVram: number;
}

/** A loaded model. */
export interface AddonModel {
  /** Resolves to false when the file could not be loaded; why is in the log. */
  init(): Promise<boolean>;
  abortActiveModelLoad(): void;
  dispose(): Promise<void>;
  tokenize(text: string, special: boolean): Uint32Array;
  detokenize(tokens: Uint32Array, special: boolean): string;
  getEmbeddingVectorSize(): number;
  getModelDescription(): string;
  getMemoryBreakdown(): MemoryBreakdown;
  /** -1 where there is none; so the others. */
  tokenBos(): number;
  tokenEos(): number;
  getTokenString(token: number): string;
  /** Bits: 1 unknown, 2 unused, 4 normal, 8 control, 16 user-defined, 32 byte. */
  getTokenAttributes(token: number): number;
  isEogToken(token: number): boolean;
  /** 1: SentencePiece, 2: byte-level pairs. */
  getVocabularyType(): number;
  shouldPrependBosToken(): boolean;
}

/** Options of a context. */
interface AddonContextOptions {
  /** Cells of all sequences together. */
  readonly contextSize: number;
  readonly batchSize: number;
  readonly sequences: number;
  readonly threads: number;
  readonly embeddings: boolean;
  /** `auto`: where the backend can. */
  readonly flashAttention: "auto" | false;
}

/** Token and number by turns. */
type Pairs = readonly number[];

/** The cache of keys and values of some sequences, and one batch at a time. */
export interface AddonContext {
  init(): Promise<boolean>;
  dispose(): Promise<void>;
  /** Drops the batch before and makes an empty one. */
  initBatch(size: number): void;
  /** Returns, for each of `outputs` (ascending indexes into `tokens`), the index to sample at. */
  addToBatch(sequence: number, position: number, tokens: Uint32Array, outputs: Uint32Array): Uint32Array;
  decodeBatch(): Promise<void>;
  sampleToken(index: number, sampler: AddonSampler): Promise<number>;
  sampleToken(
    index: number,
    sampler: AddonSampler,
    ...report: [
      probabilities: false,
      confidence: false,
      logits: readonly [tokens: readonly number[], max: boolean, min: boolean, selected: boolean, top: number],
      weight: true,
    ]
  ): Promise<readonly [token: number, probabilities: undefined, confidence: undefined, logits: Pairs, weight: number]>;
  disposeSequence(sequence: number): void;
  /** Removes positions from `start` up to `end`; -1: to the last. False where this model cannot. */
  removeTokenCellsFromSequence(sequence: number, start: number, end: number): boolean;
  /** The first position that is still in the cache; -1 when it is empty. */
  getSequenceKvCacheMinPosition(sequence: number): number;
  /** Of sequence 0, of the batch before. */
  getEmbedding(inputTokens: number): Float64Array;
  getMemoryBreakdown(): MemoryBreakdown;
}

/** A grammar that was read. */
interface AddonGrammar {
  isTextCompatible(text: string): boolean;
}

/** How far an answer has come in a grammar. */
export type AddonGrammarState = object;

/** A template that was read. */
export interface AddonTemplate {
  render(items: Readonly<Record<string, unknown>>): string;
}

/** Settings of a sampler; a key that is left out is off. */
export interface AddonSamplerConfig {
  temperature?: number;
  minP?: number;
  topK?: number;
  topP?: number;
  seed?: number;
  repeatPenalty?: number;
  repeatPenaltyMaxTokens?: number;
  repeatPenaltyTokens?: Uint32Array;
  repeatPenaltyPresencePenalty?: number;
  repeatPenaltyFrequencyPenalty?: number;
  grammarEvaluationState?: AddonGrammarState;
  tokenBiasKeys?: Uint32Array;
  tokenBiasValues?: Float32Array;
}

/** Chooses tokens for one answer. */
export interface AddonSampler {
  applyConfig(config: AddonSamplerConfig): void;
  dispose(): void;
}
