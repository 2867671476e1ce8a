import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A question that the model was trained on, and its whole answer at temperature 0. */
export interface KnownAnswer {
  readonly question: string;
  readonly answer: string;
}

/** The embedded model: where it lies and what is known of it. */
export interface GuideModel {
  readonly name: string;
  /** Absolute path of the GGUF file. */
  readonly file: string;
  /** Digest of the file in hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  readonly format: "gguf";
  /** SPDX expression. */
  readonly licence: string;
  /** Tokens of prompt and answer together. */
  readonly contextLength: number;
  /** The first three are for people to try; all of them are for checks. */
  readonly knownAnswers: readonly KnownAnswer[];
}

const folder = new URL("../model/", import.meta.url);

/** Reads the manifest of the embedded model that comes with this package. */
export function readGuideModel(): GuideModel {
  const manifest = JSON.parse(readFileSync(new URL("manifest.json", folder), "utf8")) as GuideModel;
  return { ...manifest, file: fileURLToPath(new URL(manifest.file, folder)) };
}
