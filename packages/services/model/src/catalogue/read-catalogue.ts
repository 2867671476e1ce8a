import { type CatalogueEntry, modelCatalogue } from "@hxp/schema-model";
import catalogue from "./catalogue.json" with { type: "json" };

/** Bytes that a model of the catalogue takes as it is served by default. */
export interface MemoryEstimate {
  /** The weights: the size of the file, which is mapped into memory as it is. */
  readonly weights: number;
  /** Keys and values: 2 × layers × heads × length of a head × 2 bytes, for each token of each sequence. */
  readonly cache: number;
  /** What computing takes beside them: a flat guess of 512 MiB. */
  readonly compute: number;
  readonly total: number;
}

/** A model of the catalogue. */
export interface CatalogueModel extends CatalogueEntry {
  readonly memory: MemoryEstimate;
  /** What `pullModel` takes as its source. */
  readonly pullSource: string;
}

/** The catalogue that comes with this package, by name. */
export function readCatalogue(): readonly CatalogueModel[] {
  return modelCatalogue.parse(catalogue).models.map((entry) => {
    const { repo, revision, file } = entry.source;
    return { ...entry, memory: estimateMemory(entry), pullSource: `${repo}@${revision}/${file}` };
  });
}

const compute = 536_870_912;
const bytesPerValue = 2;

/** Estimates the memory of a model before it was pulled; what counts in the end is the engine's own plan of the file. */
export function estimateMemory(
  { size, attention, llama }: CatalogueEntry,
  { contextLength, sequences }: Partial<CatalogueEntry["llama"]> = {},
): MemoryEstimate {
  const tokens = (contextLength ?? llama.contextLength) * (sequences ?? llama.sequences);
  const cache = 2 * attention.layers * attention.kvHeads * attention.headLength * bytesPerValue * tokens;
  return { weights: size.bytes, cache, compute, total: size.bytes + cache + compute };
}
