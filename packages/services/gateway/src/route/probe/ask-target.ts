import type { Target } from "../../pipeline.ts";

/** What is asked of a target. */
export interface Question {
  readonly target: Target;
  readonly path: string;
  /** Milliseconds for the whole answer. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** What a target answered; undefined: nothing, or not in time. */
export type Answer = { readonly status: number; readonly text: string } | undefined;

/** More than this of an answer is not read: a page of metrics is some tens of kilobytes. */
const mostBytes = 1_048_576;

/** Asks a target by GET, as requests ask it: through its dispatcher and with its token. Never throws. */
export async function askTarget({ target, path, timeout, signal }: Question): Promise<Answer> {
  const { origin, authorization, dispatcher } = target;
  try {
    const answer = await dispatcher.request({
      origin,
      path,
      method: "GET",
      headers: authorization === undefined ? {} : { authorization },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
    });
    let text = "";
    for await (const piece of answer.body.setEncoding("utf8")) {
      text += String(piece);
      if (text.length > mostBytes) break;
    }
    return { status: answer.statusCode, text };
  } catch {
    return undefined;
  }
}
