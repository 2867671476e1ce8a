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
  /** Fewest tokens that a text can have, by its length: reading one of megabytes takes seconds. */
  leastTokens(text: string): number;
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
  const { controls, longest } = readTexts(model, size);
  return {
    size,
    bos,
    beginsWithBos: model.shouldPrependBosToken(),
    bosText: bos === undefined ? "" : model.getTokenString(bos),
    eosText: eos === undefined ? "" : model.getTokenString(eos),
    controls,
    // Other kinds of vocabularies drop white space, or have one token for all that they do not know.
    leastTokens: (text) => (type === 1 || type === 2 ? Math.floor(text.length / longest) : 0),
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

/** The control tokens, and the length of the longest text of any token. */
function readTexts(model: AddonModel, size: number): { controls: ReadonlyMap<string, number>; longest: number } {
  const found: [string, number][] = [];
  let longest = 1;
  for (let token = 0; token < size; token += 1) {
    const text = model.getTokenString(token);
    longest = Math.max(longest, text.length);
    const isControl = (model.getTokenAttributes(token) & controlBits) !== 0;
    if (isControl && text.length > 1) found.push([text, token]);
  }
  return { controls: new Map(found.toSorted(([left], [right]) => right.length - left.length)), longest };
}

function orUndefined(token: number): number | undefined {
  return token < 0 ? undefined : token;
}
