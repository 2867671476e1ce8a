import type { ChosenLogprob, TokenLogprob } from "@hxp/engine";
import type { Sampled } from "../schedule/job.ts";
import { StopFilter } from "./stop-filter.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Text that is decided, with what was likely instead. */
export interface Written {
  readonly text: string;
  readonly logprobs: readonly ChosenLogprob[];
  /** Whether a stop text was met. */
  readonly isStopped: boolean;
}

/** What a {@link TextWriter} takes. */
export interface TextWriterOptions {
  /** Texts at which the answer ends. */
  readonly stop: readonly string[];
  readonly dropsSpace: boolean;
  /** Texts of control tokens that are shown. */
  readonly visible: readonly string[];
}

/** Turns tokens into text: only whole characters, and nothing that may still become a stop text. */
export class TextWriter {
  readonly #vocabulary: Vocabulary;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #filter: StopFilter;
  /** Control tokens that are a part of the text: what calls of tools begin with. */
  readonly #visible: ReadonlyMap<number, Uint8Array>;
  /** Whether the space before the first word is the tokenizer's and not the answer's. */
  #dropsSpace: boolean;
  #decoded = 0;
  #released = 0;
  #logprobs: { readonly end: number; readonly logprob: ChosenLogprob }[] = [];

  constructor(vocabulary: Vocabulary, options: TextWriterOptions) {
    this.#vocabulary = vocabulary;
    this.#visible = visibleTokens(vocabulary, options.visible);
    this.#filter = new StopFilter(options.stop);
    this.#dropsSpace = options.dropsSpace;
  }

  push({ token, logprobs }: Sampled): Written {
    const text = this.#decode(this.#visible.get(token) ?? this.#vocabulary.bytesOf(token));
    this.#decoded += text.length;
    if (logprobs !== undefined) {
      const chosen = this.#describe(token, logprobs.chosen);
      const top = logprobs.top.map(([id, logprob]) => this.#describe(id, logprob));
      this.#logprobs.push({ end: this.#decoded, logprob: { ...chosen, top } });
    }
    const released = this.#filter.push(text);
    return { ...this.#release(released.text), isStopped: released.isStopped };
  }

  /** The rest, when the answer has ended otherwise. Half a character becomes U+FFFD. */
  flush(): Written {
    const released = this.#filter.push(this.#decoder.decode());
    const rest = released.isStopped ? released.text : released.text + this.#filter.flush();
    const { text, logprobs } = this.#release(rest);
    const left = released.isStopped ? [] : this.#logprobs.map(({ logprob }) => logprob);
    this.#logprobs = [];
    return { text, logprobs: [...logprobs, ...left], isStopped: released.isStopped };
  }

  #decode(bytes: Uint8Array): string {
    const text = this.#decoder.decode(bytes, { stream: true });
    if (!this.#dropsSpace || text === "") return text;
    this.#dropsSpace = false;
    return text.startsWith(" ") ? text.slice(1) : text;
  }

  #release(text: string): { text: string; logprobs: readonly ChosenLogprob[] } {
    this.#released += text.length;
    const count = this.#logprobs.findLastIndex(({ end }) => end <= this.#released) + 1;
    return { text, logprobs: this.#logprobs.splice(0, count).map(({ logprob }) => logprob) };
  }

  #describe(token: number, logprob: number): TokenLogprob {
    const bytes = [...this.#vocabulary.bytesOf(token)];
    const text = bytes.length === 0 ? this.#vocabulary.nameOf(token) : Buffer.from(bytes).toString("utf8");
    return { token: text, logprob, bytes };
  }
}

function visibleTokens({ controls }: Vocabulary, names: readonly string[]): ReadonlyMap<number, Uint8Array> {
  const found = names.map((name) => [controls.get(name), Buffer.from(name)] as const);
  return new Map(found.flatMap(([token, bytes]) => (token === undefined ? [] : [[token, bytes]])));
}
