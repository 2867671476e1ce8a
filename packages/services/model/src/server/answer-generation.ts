import type { GenerateEvent, LoadedModel } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import {
  addPiece,
  type AnswerFormat,
  type ChoiceState,
  createChoiceState,
  type Piece,
} from "../openai/answer-format.ts";
import { chatFormat } from "../openai/chat-format.ts";
import { completionFormat } from "../openai/completion-format.ts";
import type { GenerationJob, JobChoice } from "../openai/generation-job.ts";
import { UsageMeter } from "../openai/usage-meter.ts";
import { type Exchange, openStream, sendJson, writeEvents } from "./exchange.ts";
import type { ServedModel } from "./served-model.ts";

/** One request for text on its way. */
interface Generation {
  readonly exchange: Exchange;
  readonly job: GenerationJob;
  readonly format: AnswerFormat;
  readonly meter: UsageMeter;
  /** What all pieces of the answer have in common. */
  readonly envelope: {
    readonly id: string;
    readonly created: number;
    readonly model: string;
    readonly system_fingerprint: string;
  };
  /** Aborted with the exchange, or when one of the answers failed. */
  readonly signal: AbortSignal;
  readonly model: LoadedModel;
}

/** Answers a request for text, as a whole or as a stream. Rejects with what made it fail, and then nothing runs on. */
export async function answerGeneration(exchange: Exchange, job: GenerationJob, served: ServedModel): Promise<void> {
  const format = job.endpoint === "chat" ? chatFormat : completionFormat;
  const meter = new UsageMeter();
  const failed = new AbortController();
  const stop = (): void => failed.abort(exchange.signal.reason);
  if (exchange.signal.aborted) stop();
  exchange.signal.addEventListener("abort", stop);
  const envelope = {
    id: `${format.idPrefix}${exchange.id}`,
    created: Math.floor(Date.now() / 1000),
    model: job.model,
    system_fingerprint: served.fingerprint,
  };
  const generation: Generation = { exchange, job, format, meter, envelope, signal: failed.signal, model: served.model };
  const end = served.usage.begin(exchange.id, () => meter.total());
  try {
    const runs = job.choices.map(async (choice) => {
      try {
        return await runChoice(generation, choice);
      } catch (error) {
        // The others would go on for an answer that nobody gets.
        failed.abort(error);
        throw error;
      }
    });
    const ended = await Promise.allSettled(runs);
    if (failed.signal.aborted) throw failed.signal.reason;
    const states = ended.flatMap((run) => (run.status === "fulfilled" ? [run.value] : []));
    await finish(generation, states);
  } finally {
    exchange.signal.removeEventListener("abort", stop);
    end();
  }
}

async function runChoice(generation: Generation, choice: JobChoice): Promise<ChoiceState> {
  const { job, meter, model, exchange, signal } = generation;
  const id = job.choices.length === 1 ? exchange.id : `${exchange.id}.${choice.index}`;
  const state = createChoiceState(choice);
  let begun = false;
  for await (const event of model.generate({ ...choice.request, id }, signal)) {
    meter.note(choice, event.usage);
    if (event.type === "start") continue;
    const piece = event.type === "end" ? undefined : event;
    if (!begun) await write(generation, generation.format.begin(state, piece));
    begun = true;
    if (event.type === "end") state.reason = toReason(event, signal);
    else await tell(generation, state, event);
    if (job.oneCallOnly && state.calls.length > 0) {
      state.reason = "tool_calls";
      break;
    }
  }
  if (state.reason === undefined)
    throw new HxpError("ENGINE_FAILED", `The engine ended request ${id} without a reason.`);
  await write(generation, generation.format.end(state));
  return state;
}

async function tell(generation: Generation, state: ChoiceState, piece: Piece): Promise<void> {
  addPiece(state, piece);
  await write(generation, generation.format.add(state, piece));
}

function toReason({ reason }: Extract<GenerateEvent, { type: "end" }>, signal: AbortSignal): ChoiceState["reason"] {
  if (reason !== "aborted") return reason;
  signal.throwIfAborted();
  throw new HxpError("ENGINE_FAILED", "The engine ended the answer before it was complete.");
}

async function write(
  { exchange, job, format, envelope, meter }: Generation,
  choices: readonly object[],
): Promise<void> {
  if (!job.stream || choices.length === 0) return;
  if (!exchange.response.headersSent) openStream(exchange);
  const usage = job.continuousUsage ? { usage: meter.total() } : job.includeUsage ? { usage: null } : {};
  const { id, ...common } = envelope;
  const toChunk = (choice: object): object => ({
    id,
    object: format.chunkObject,
    ...common,
    choices: [choice],
    ...usage,
  });
  await writeEvents(exchange, choices.map(toChunk));
}

async function finish(
  { exchange, job, format, envelope, meter }: Generation,
  states: readonly ChoiceState[],
): Promise<void> {
  const { id, ...common } = envelope;
  const usage = meter.total();
  if (!job.stream) {
    sendJson(exchange, {
      id,
      object: format.wholeObject,
      ...common,
      choices: states.map((state) => format.whole(state)),
      usage,
    });
    return;
  }
  if (job.includeUsage)
    await writeEvents(exchange, [{ id, object: format.chunkObject, ...common, choices: [], usage }]);
  await writeEvents(exchange, ["[DONE]"]);
  exchange.response.end();
}
