import type { GenerateRequest } from "@hxp/engine";

/** One answer of a job: all that an engine is told, but the id. */
export interface JobChoice {
  readonly index: number;
  /** Which of the job's prompts it answers: a prompt counts once, however many answers it has. */
  readonly prompt: number;
  readonly request: Omit<GenerateRequest, "id">;
  /** Text that comes before the answer: `echo`. */
  readonly echo: string;
}

/** A request for text, read and checked. */
export interface GenerationJob {
  readonly endpoint: "chat" | "completions";
  readonly model: string;
  readonly choices: readonly JobChoice[];
  readonly stream: boolean;
  /** Whether the stream ends with the usage. */
  readonly includeUsage: boolean;
  /** Whether each piece of the stream has the usage so far, as vLLM does. */
  readonly continuousUsage: boolean;
  /** Whether an answer ends after its first call of a tool. */
  readonly oneCallOnly: boolean;
}

/** The request of one of several answers to the same prompt: with a seed that differs, so that the answers may. */
export function forAnswer(request: JobChoice["request"], index: number): JobChoice["request"] {
  const { sampling } = request;
  if (sampling.seed === undefined || index === 0) return request;
  return { ...request, sampling: { ...sampling, seed: sampling.seed + index } };
}

/** Most answers that one request may ask for. */
export const mostChoices = 128;
