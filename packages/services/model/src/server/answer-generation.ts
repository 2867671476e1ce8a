import type { GenerateEvent } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import { addPiece, type AnswerFormat, type ChoiceState, createChoiceState } from "../openai/answer-format.ts";
import { chatFormat } from "../openai/chat-format.ts";
import { completionFormat } from "../openai/completion-format.ts";
import type { GenerationJob, JobChoice } from "../openai/generation-job.ts";
import { UsageMeter } from "../openai/usage-meter.ts";
import { type Exchange, openStream, sendError, sendJson, writeEvents } from "./exchange.ts";
import { recordRequest, type RequestRecord } from "./record-request.ts";
import type { ServedModel } from "./served-model.ts";

/** One request for text on its way. */
interface Generation {
  readonly exchange: Exchange;
  readonly job: GenerationJob;
  readonly served: ServedModel;
  readonly record: RequestRecord;
  readonly format: AnswerFormat;
  readonly meter: UsageMeter;
  /** What all pieces of the answer have in common. */
  readonly envelope: object;
  /** Aborted when the client has left, the process has to end, or one of the answers failed; its reason is the error. */
  readonly signal: AbortSignal;
}

/** Answers a request for text, as a whole or as a stream. Rejects with what made it fail; then nothing runs on, and a stream has told it. */
export async function answerGeneration(exchange: Exchange, job: GenerationJob, served: ServedModel): Promise<void> {
  const meter = new UsageMeter();
  const usage = () => meter.total();
  await recordRequest({ exchange, endpoint: job.endpoint, served, usage }, async (record) => {
    const failed = new AbortController();
    const stop = forwardAbort([exchange.left, served.deadline], failed);
    const format = job.endpoint === "chat" ? chatFormat : completionFormat;
    const envelope = {
      id: `${format.idPrefix}${exchange.id}`,
      object: job.stream ? format.chunkObject : format.wholeObject,
      created: Math.floor(served.clock() / 1000),
      model: job.model,
      system_fingerprint: served.fingerprint,
    };
    const generation = { exchange, job, served, record, format, meter, envelope, signal: failed.signal };
    try {
      await finish(generation, await runChoices(generation, failed));
    } catch (error) {
      if (!exchange.left.aborted) sendError(exchange, error, exchange.response.headersSent ? usage() : undefined);
      throw error;
    } finally {
      stop();
    }
  });
}

/** Aborts `controller` with the first of some signals that is aborted. Returns what stops listening to them. */
function forwardAbort(signals: readonly AbortSignal[], controller: AbortController): () => void {
  const watched = signals.map((signal) => {
    const forward = (): void => controller.abort(signal.reason);
    if (signal.aborted) forward();
    signal.addEventListener("abort", forward);
    return () => signal.removeEventListener("abort", forward);
  });
  return () => watched.forEach((stop) => stop());
}

async function runChoices(generation: Generation, failed: AbortController): Promise<readonly ChoiceState[]> {
  const runs = generation.job.choices.map(async (choice) => {
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
  return ended.flatMap((run) => (run.status === "fulfilled" ? [run.value] : []));
}

async function runChoice(generation: Generation, choice: JobChoice): Promise<ChoiceState> {
  const { job, meter, served, exchange, format, signal } = generation;
  const id = job.choices.length === 1 ? exchange.id : `${exchange.id}.${choice.index}`;
  const state = createChoiceState(choice);
  const enough = new AbortController();
  const stop = forwardAbort([signal], enough);
  try {
    for await (const event of served.model.generate({ ...choice.request, id }, enough.signal)) {
      // Read to its end, whoever still listens: only there is all that the engine has generated.
      meter.note(choice, event.usage);
      const isForNobody = state.reason !== undefined || (signal.aborted && event.type !== "end");
      if (event.type === "start" || isForNobody) continue;
      await tell(generation, state, event);
      const hasCall = event.type === "tool-call" && event.isCut !== true;
      if (!job.oneCallOnly || !hasCall) continue;
      state.reason ??= "tool_calls";
      enough.abort();
    }
  } finally {
    stop();
  }
  if (state.reason === undefined)
    throw new HxpError("ENGINE_FAILED", `The engine ended request ${id} without a reason.`);
  await write(generation, format.end(state));
  return state;
}

async function tell(
  generation: Generation,
  state: ChoiceState,
  event: Exclude<GenerateEvent, { type: "start" }>,
): Promise<void> {
  const { format, record, signal } = generation;
  if (event.type === "end") state.reason = toReason(event, signal);
  else record.firstToken();
  if (!state.begun) await write(generation, format.begin(state, event.type === "end" ? undefined : event));
  state.begun = true;
  if (event.type === "end") return;
  addPiece(state, event);
  await write(generation, format.add(state, event));
}

function toReason({ reason }: Extract<GenerateEvent, { type: "end" }>, signal: AbortSignal): ChoiceState["reason"] {
  signal.throwIfAborted();
  if (reason !== "aborted") return reason;
  throw new HxpError("ENGINE_FAILED", "The engine ended the answer before it was complete.");
}

async function write(
  { exchange, job, envelope, meter, signal }: Generation,
  choices: readonly object[],
): Promise<void> {
  if (!job.stream || choices.length === 0) return;
  if (!exchange.response.headersSent) openStream(exchange);
  const usage = job.continuousUsage ? { usage: meter.total() } : job.includeUsage ? { usage: null } : {};
  const chunks = choices.map((choice) => ({ ...envelope, choices: [choice], ...usage }));
  await writeEvents(exchange, chunks, signal);
}

async function finish(
  { exchange, job, format, envelope, meter, signal }: Generation,
  states: readonly ChoiceState[],
): Promise<void> {
  const usage = meter.total();
  if (!job.stream) {
    sendJson(exchange, { ...envelope, choices: states.map((state) => format.whole(state)), usage });
    return;
  }
  if (job.includeUsage) await writeEvents(exchange, [{ ...envelope, choices: [], usage }], signal);
  await writeEvents(exchange, ["[DONE]"], signal);
  exchange.response.end();
}
