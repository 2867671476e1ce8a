import type { ModelInfo } from "@hxp/engine";
import { checkParameters } from "./parameters.ts";
import { readTexts } from "./read-completion-request.ts";
import { invalid, type Json, readNumber, readText, requireText, show, unsupported } from "./read-fields.ts";

/** A request to `/v1/embeddings`, read and checked. */
export interface EmbeddingJob {
  readonly model: string;
  readonly texts: readonly string[];
  readonly encoding: "float" | "base64";
}

const mostTexts = 2048;

/** Reads a request to `/v1/embeddings`. Throws MODEL_REQUEST_INVALID or MODEL_UNSUPPORTED. */
export function readEmbeddingRequest(body: Json, { capabilities, embeddingLength }: ModelInfo): EmbeddingJob {
  checkParameters("embeddings", body);
  const model = requireText(body, "model");
  if (!capabilities.embeddings) throw unsupported("input", "this model makes no embeddings.");
  const texts = readTexts(body, "input");
  if (texts.length > mostTexts)
    throw invalid("input", `Invalid value for 'input': at most ${mostTexts} texts are taken.`);
  if (texts.includes("")) throw invalid("input", "Invalid value for 'input': a text is empty.");
  const encoding = readText(body, "encoding_format") ?? "float";
  if (encoding !== "float" && encoding !== "base64") {
    throw invalid(
      "encoding_format",
      `Invalid value for 'encoding_format': ${show(encoding)}, expected float or base64.`,
    );
  }
  const dimensions = readNumber(body, "dimensions", { least: 1, most: 1_000_000, whole: true });
  if (dimensions !== undefined && dimensions !== embeddingLength) {
    throw unsupported("dimensions", `this model makes vectors of ${embeddingLength} numbers.`);
  }
  return { model, texts, encoding };
}
