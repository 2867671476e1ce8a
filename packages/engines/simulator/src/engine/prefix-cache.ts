import { hashText } from "./random.ts";

const blockTokens = 16;

/** Remembers the beginnings of prompts, in blocks of 16 tokens as vLLM does, and forgets the oldest. */
export class PrefixCache {
  /** Each block is named by its own tokens and the block before it. */
  readonly #blocks = new Set<string>();
  readonly #most: number;

  constructor(tokens: number) {
    this.#most = Math.floor(tokens / blockTokens);
  }

  /** Adds a prompt. Returns how many of its first tokens were there already; its last token never was. */
  add(prompt: readonly string[]): number {
    let name = "";
    let known = 0;
    const blocks = Math.floor(Math.max(0, prompt.length - 1) / blockTokens);
    for (let block = 0; block < blocks; block += 1) {
      const text = prompt.slice(block * blockTokens, (block + 1) * blockTokens).join("");
      name = `${hashText(name + text)}-${hashText(text)}`;
      if (known === block && this.#blocks.has(name)) known += 1;
      this.#remember(name);
    }
    return known * blockTokens;
  }

  #remember(name: string): void {
    this.#blocks.delete(name);
    this.#blocks.add(name);
    const [oldest] = this.#blocks;
    if (this.#blocks.size > this.#most && oldest !== undefined) this.#blocks.delete(oldest);
  }
}
