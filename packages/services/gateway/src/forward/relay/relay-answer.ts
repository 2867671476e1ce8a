import { HxpError } from "@hxp/errors";
import type { Observed } from "../account/observed.ts";
import type { AnswerScanner } from "../read/answer-scanner.ts";
import { readStreamError } from "../read/read-refusal.ts";
import type { AnswerReceiver, UpstreamCall } from "../send/upstream-call.ts";

/** What {@link createAnswerRelay} takes. */
export interface AnswerRelayOptions {
  readonly call: UpstreamCall;
  readonly observed: Observed;
  readonly scanner: AnswerScanner;
  /** Whether each element of the answer must have a finish reason. */
  readonly finishes: boolean;
  /** Largest answer, in bytes. */
  readonly answerBytes: number;
  /** Sends the answer, which is whole, to the client. */
  readonly send: (body: Buffer) => void;
}

/** Collects an answer that is not a stream; the client gets it when it is known to be whole. */
export function createAnswerRelay(options: AnswerRelayOptions): AnswerReceiver {
  const { call, observed, answerBytes } = options;
  const chunks: Buffer[] = [];
  return {
    data: (chunk) => {
      call.touch();
      chunks.push(chunk);
      observed.answerBytes += chunk.length;
      if (observed.answerBytes > answerBytes) {
        throw new HxpError("UPSTREAM_OVERSIZED", `The answer is larger than ${answerBytes} bytes`);
      }
    },
    end: () => {
      const [only = Buffer.alloc(0)] = chunks;
      const body = chunks.length > 1 ? Buffer.concat(chunks) : only;
      check(body, options);
      options.send(body);
    },
  };
}

function check(body: Buffer, { scanner, observed, finishes }: AnswerRelayOptions): void {
  if (!scanner.scan(body, 0, body.length)) throw new HxpError("UPSTREAM_INVALID", "The answer is not a JSON object");
  if (scanner.hasError) throw readStreamError(body);
  if (!scanner.hasList) throw new HxpError("UPSTREAM_INVALID", "The answer has no choices and no data");
  if (scanner.usageFrom !== -1 && !scanner.usageIsNull) {
    observed.noteUsage(body, scanner.usageFrom, scanner.usageTo);
  }
  const finished = scanner.choices.slice(0, scanner.count).filter((choice) => choice.finished).length;
  if (finishes && (finished < scanner.count || finished === 0)) {
    throw new HxpError("UPSTREAM_INCOMPLETE", `The answer has ${finished} finish reasons for ${scanner.count} choices`);
  }
  observed.whole = true;
}
