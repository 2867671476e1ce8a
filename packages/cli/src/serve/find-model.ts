import type { ServedModelConfig } from "@hxp/schema-model";
import type { Platform } from "../platform/load-platform.ts";

/** What is known of the file that a model is loaded from. */
export interface FoundModel {
  /** Absolute path; undefined: the engine loads none. */
  readonly file: string | undefined;
  /** Digest that the file must have, in hexadecimal. */
  readonly sha256: string | undefined;
  /** A question with its answer, asked before the model counts as ready. */
  readonly knownAnswer: { readonly prompt: string; readonly answer: string } | undefined;
}

/** The name of the embedded model as a source. */
const guide = "guide";

/** Finds what a served model is loaded from. */
export async function findModel(config: ServedModelConfig, platform: Platform): Promise<FoundModel> {
  const { engine, source, sha256, knownAnswer } = config;
  if (engine === "simulator") return { file: undefined, sha256: undefined, knownAnswer };
  if (source === guide) return findGuide(config);
  if (source.startsWith("/")) return { file: source, sha256, knownAnswer };
  void platform;
  throw new Error("the store is not wired yet");
}

async function findGuide({ sha256, knownAnswer }: ServedModelConfig): Promise<FoundModel> {
  const { readGuideModel } = await import("@hxp/model-guide");
  const model = readGuideModel();
  const [known] = model.knownAnswers;
  const own = known === undefined ? undefined : { prompt: known.question, answer: known.answer };
  return { file: model.file, sha256: sha256 ?? model.sha256, knownAnswer: knownAnswer ?? own };
}
