import type { AddonModel } from "../addon/addon.ts";
import { tokenBytes } from "./token-bytes.ts";

/** The tokens of a model. */
export interface Vocabulary {
  readonly size: number;
  /** Token that begins a text, if the model has one; and whether every prompt begins with it. */
  readonly bos: number | undefined;
  readonly beginsWithBos: boolean;
  readonly bosText: string;
  readonly eosText: string;
  /** Tokens that mean something to the template, such as `<|im_end|>`, by their text; longest first. */
  readonly controls: ReadonlyMap<string, number>;
  /** Reads a text; with `special`, texts of control tokens become those tokens. */
  tokenize(text: string, special: boolean): Uint32Array;
  /** Bytes that a token adds to an answer; none for control tokens. */
  bytesOf(token: number): Uint8Array;
  /** The text of a token as the vocabulary has it, control tokens too. */
  nameOf(token: number): string;
  /** Whether an answer ends with this token. */
  isEnd(token: number): boolean;
}

const controlBits = 1 | 8;

/** Reads what is needed of a model's vocabulary of `size` tokens, once for a load. */
export function readVocabulary(model: AddonModel, size: number): Vocabulary {
  const bos = orUndefined(model.tokenBos());
  const eos = orUndefined(model.tokenEos());
  const cache = new Map<number, Uint8Array>();
  const type = model.getVocabularyType();
  return {
    size,
    bos,
    beginsWithBos: model.shouldPrependBosToken(),
    bosText: bos === undefined ? "" : model.getTokenString(bos),
    eosText: eos === undefined ? "" : model.getTokenString(eos),
    controls: readControls(model, size),
    tokenize: (text, special) => (text === "" ? new Uint32Array() : model.tokenize(text, special)),
    bytesOf: (token) => {
      const known = cache.get(token);
      if (known !== undefined) return known;
      const bytes = tokenBytes(model, { token, type });
      cache.set(token, bytes);
      return bytes;
    },
    nameOf: (token) => model.getTokenString(token),
    isEnd: (token) => model.isEogToken(token),
  };
}

function readControls(model: AddonModel, size: number): ReadonlyMap<string, number> {
  const found: [string, number][] = [];
  for (let token = 0; token < size; token += 1) {
    if ((model.getTokenAttributes(token) & controlBits) === 0) continue;
    const text = model.getTokenString(token);
    if (text.length > 1) found.push([text, token]);
  }
  return new Map(found.toSorted(([left], [right]) => right.length - left.length));
}

function orUndefined(token: number): number | undefined {
  return token < 0 ? undefined : token;
}
