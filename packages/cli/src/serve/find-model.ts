import { type KnownAnswer, type ModelFile, resolveModel } from "@hxp/model";
import { readGuideModel } from "@hxp/model-guide";
import type { ServedModelConfig } from "@hxp/schema-model";

/** What a model is loaded from, and what it is known to answer. */
export interface FoundModel {
  /** Undefined: the engine loads none. */
  readonly file: ModelFile | undefined;
  /** The first one is asked before the model counts as ready. */
  readonly knownAnswers: readonly KnownAnswer[];
}

/** The name of the embedded model as a source. */
const guide = "guide";

/** Finds what a served model is loaded from: the embedded model, a file in the store, or a path. Throws MODEL_NOT_FOUND. */
export async function findModel(config: ServedModelConfig, store: string): Promise<FoundModel> {
  const given = config.knownAnswer === undefined ? [] : [config.knownAnswer];
  if (config.engine === "simulator") return { file: undefined, knownAnswers: given };
  if (config.source !== guide) return { file: await resolveModel({ config, store }), knownAnswers: given };
  const { file, sha256, knownAnswers } = readGuideModel();
  const known = knownAnswers.map(({ question, answer }) => ({ prompt: question, answer }));
  return {
    file: await resolveModel({ config, store, builtIn: { [guide]: { file, sha256 } } }),
    knownAnswers: [...given, ...known],
  };
}
