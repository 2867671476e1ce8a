import type { EndpointName } from "../../pipeline.ts";
import { JsonFault, JsonScanner } from "./json-scanner.ts";

const names = {
  choices: Buffer.from("choices"),
  content: Buffer.from("content"),
  data: Buffer.from("data"),
  delta: Buffer.from("delta"),
  error: Buffer.from("error"),
  finishReason: Buffer.from("finish_reason"),
  index: Buffer.from("index"),
  role: Buffer.from("role"),
  text: Buffer.from("text"),
  usage: Buffer.from("usage"),
};

/** One choice in an answer or in a piece of one. */
export interface ScannedChoice {
  index: number;
  finished: boolean;
  /** Whether it brought something that was generated. */
  generated: boolean;
}

/**
 * Looks into an answer, or one piece of a stream, only as deep as forwarding must: is it JSON, which choices have
 * ended, where is the usage, is it an error. The fields hold for the last {@link AnswerScanner.scan}.
 */
export class AnswerScanner {
  /** Whether it has an `error` that is not null or false. */
  hasError = false;
  /** Whether it has the list of the endpoint: `choices`, for embeddings `data`. */
  hasList = false;
  /** Elements of the list. */
  count = 0;
  /** The first `count` of them are of the last scan. Only of `choices`. */
  readonly choices: ScannedChoice[] = [];
  /** Range of the member `usage`'s value; `usageFrom` is -1 where there is none. */
  usageFrom = -1;
  usageTo = -1;
  usageIsNull = false;
  /** Range to leave out to be rid of `usage`: with the comma before or after it. */
  memberFrom = -1;
  memberTo = -1;
  /** Position of the closing brace. */
  closing = -1;

  readonly #json = new JsonScanner();
  readonly #isEmbeddings: boolean;

  constructor(endpoint: EndpointName) {
    this.#isEmbeddings = endpoint === "embeddings";
  }

  /** Returns whether the bytes are one JSON object. */
  scan(bytes: Buffer, from: number, to: number): boolean {
    this.#clear();
    const json = this.#json;
    json.reset(bytes, from, to);
    try {
      if (json.kind() !== "object") return false;
      this.#members();
      this.closing = json.at - 1;
      json.end();
      return true;
    } catch (error) {
      if (error instanceof JsonFault) return false;
      throw error;
    }
  }

  #clear(): void {
    this.hasError = this.hasList = this.usageIsNull = false;
    this.count = 0;
    this.usageFrom = this.usageTo = this.memberFrom = this.memberTo = this.closing = -1;
  }

  #members(): void {
    const json = this.#json;
    json.enter();
    let before = json.at;
    for (let first = true; json.member(first); first = false) {
      if (json.named(names.usage)) this.#usage(before, first);
      else if (json.named(names.choices)) this.#list(true);
      else if (json.named(names.data) && this.#isEmbeddings) this.#list(false);
      else if (json.named(names.error)) this.hasError = this.#isTruthy();
      else json.skip();
      before = json.at;
    }
  }

  /** `before`: where the member before ended, so that its comma goes, too. */
  #usage(before: number, first: boolean): void {
    const json = this.#json;
    this.usageIsNull = json.kind() === "null";
    this.usageFrom = json.at;
    json.skip();
    this.usageTo = json.at;
    this.memberFrom = before;
    this.memberTo = json.at;
    if (!first) return;
    json.space();
    this.memberTo = json.bytes[json.at] === 0x2c ? json.at + 1 : json.at;
    json.at = this.usageTo;
  }

  #isTruthy(): boolean {
    const kind = this.#json.kind();
    this.#json.skip();
    return kind !== "null" && kind !== "false";
  }

  #list(ofChoices: boolean): void {
    const json = this.#json;
    if (json.kind() !== "array") return json.skip();
    this.hasList = true;
    if (ofChoices === this.#isEmbeddings) return json.skip();
    json.enter();
    for (let first = true; json.element(first); first = false) {
      if (ofChoices) this.#choice();
      else json.skip();
      this.count += 1;
    }
  }

  #choice(): void {
    const json = this.#json;
    const choice = (this.choices[this.count] ??= { index: 0, finished: false, generated: false });
    choice.index = 0;
    choice.finished = choice.generated = false;
    if (json.kind() !== "object") throw new JsonFault(json.at);
    json.enter();
    for (let first = true; json.member(first); first = false) {
      if (json.named(names.index) && json.kind() === "number") choice.index = json.number();
      else if (json.named(names.finishReason)) choice.finished = this.#isText();
      else if (json.named(names.text)) choice.generated = this.#isText();
      else if (json.named(names.delta)) choice.generated = this.#delta();
      else json.skip();
    }
  }

  #isText(): boolean {
    const json = this.#json;
    if (json.kind() === "string") return json.string();
    json.skip();
    return false;
  }

  /** Whether a piece of a message has anything beside its role: text, reasoning, a call of a tool. */
  #delta(): boolean {
    const json = this.#json;
    if (json.kind() !== "object") {
      json.skip();
      return false;
    }
    let generated = false;
    json.enter();
    for (let first = true; json.member(first); first = false) {
      const isRole = json.named(names.role);
      const has = json.kind() === "array" ? this.#isFilled() : this.#isText();
      generated ||= has && !isRole;
    }
    return generated;
  }

  #isFilled(): boolean {
    const json = this.#json;
    json.enter();
    let filled = false;
    for (let first = true; json.element(first); first = false) {
      filled = true;
      json.skip();
    }
    return filled;
  }
}
