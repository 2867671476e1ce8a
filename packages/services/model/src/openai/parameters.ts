import { invalid, type Json, show, unsupported, valueOf } from "./read-fields.ts";

/** Endpoints that take a body. */
export type Endpoint = "chat" | "completions" | "embeddings";

/** What is done with a parameter of OpenAI's API. */
export type Handling =
  /** Does what OpenAI says. */
  | { readonly type: "taken" }
  /** Changes nothing, whatever its value. */
  | { readonly type: "ignored"; readonly reason: string }
  /** Answered with 501, but for values that ask for nothing. */
  | { readonly type: "refused"; readonly reason: string; readonly harmless?: readonly unknown[] };

const taken: Handling = { type: "taken" };
const ignored = (reason: string): Handling => ({ type: "ignored", reason });
const refused = (reason: string, ...harmless: unknown[]): Handling => ({ type: "refused", reason, harmless });

const identity = ignored("Who asks is the gateway's to know.");
const speed = ignored("It only makes OpenAI's servers faster; prompts are always reused from the cache here.");

const sampling = {
  model: taken,
  stream: taken,
  stream_options: taken,
  n: taken,
  max_tokens: taken,
  temperature: taken,
  top_p: taken,
  seed: taken,
  stop: taken,
  presence_penalty: taken,
  frequency_penalty: taken,
  logit_bias: taken,
  logprobs: taken,
  user: identity,
} as const satisfies Record<string, Handling>;

const bound = refused("Bind the answer by 'response_format'.");
const wholeAnswer = refused("An answer ends where the model, 'stop' or 'max_tokens' ends it.", false, 0);

/** What clients of servers of one's own send beside OpenAI's parameters: vLLM's names, with the values that it takes for none. */
const vllm = {
  top_k: taken,
  min_p: taken,
  priority: ignored("Who is served first is the gateway's to know."),
  request_id: ignored("The header x-request-id names a request."),
  repetition_penalty: refused("Use 'presence_penalty' or 'frequency_penalty'.", 1),
  length_penalty: refused("There is no search over several beams.", 1),
  use_beam_search: refused("There is no search over several beams.", false),
  ignore_eos: wholeAnswer,
  min_tokens: wholeAnswer,
  stop_token_ids: refused("Use 'stop', with texts.", []),
  include_stop_str_in_output: refused("What an answer stops at is not a part of it.", false),
  skip_special_tokens: refused("Control tokens are no text.", true),
  spaces_between_special_tokens: refused("Control tokens are no text.", true),
  prompt_logprobs: refused("Those of the prompt are not known."),
  guided_json: bound,
  guided_regex: bound,
  guided_choice: bound,
  guided_grammar: bound,
  structured_outputs: bound,
} as const satisfies Record<string, Handling>;

/** Every parameter that an endpoint knows, and what is done with it. One that is not here is refused with 400, as OpenAI does. */
export const parameters: Readonly<Record<Endpoint, Readonly<Record<string, Handling>>>> = {
  chat: {
    ...sampling,
    ...vllm,
    chat_template_kwargs: refused("Set 'chatTemplate' of the model in hxp.yaml.", {}),
    add_generation_prompt: refused("The model answers the last message.", true),
    continue_final_message: refused("The model answers the last message.", false),
    messages: taken,
    max_completion_tokens: taken,
    top_logprobs: taken,
    response_format: taken,
    tools: taken,
    tool_choice: taken,
    parallel_tool_calls: taken,
    safety_identifier: identity,
    prompt_cache_key: speed,
    prompt_cache_options: speed,
    prompt_cache_retention: speed,
    prediction: speed,
    metadata: ignored("Answers are not stored, so nothing would hold it."),
    reasoning_effort: ignored("Models here reason as their chat template says."),
    verbosity: ignored("Models here know no verbosity."),
    service_tier: ignored("There is one tier."),
    store: refused("Answers are not stored.", false),
    modalities: refused("Models here write text only.", ["text"]),
    audio: refused("Models here write text only."),
    web_search_options: refused("Models here do not search the web."),
    moderation: refused("There is no moderation."),
    functions: refused("It was replaced by 'tools'."),
    function_call: refused("It was replaced by 'tool_choice'."),
  },
  completions: {
    ...sampling,
    ...vllm,
    prompt: taken,
    echo: taken,
    best_of: refused("Only the answers that are returned are generated.", 1),
    suffix: refused("Models here continue a text; they do not fill gaps."),
  },
  embeddings: {
    model: taken,
    input: taken,
    encoding_format: taken,
    dimensions: taken,
    user: identity,
  },
};

/** Checks that an endpoint knows each parameter of a body. Throws MODEL_REQUEST_INVALID or MODEL_UNSUPPORTED. */
export function checkParameters(endpoint: Endpoint, body: Json): void {
  const known = parameters[endpoint];
  for (const name of Object.keys(body)) {
    const handling = Object.hasOwn(known, name) ? known[name] : undefined;
    if (handling === undefined) throw invalid(name, `Unrecognized request argument supplied: ${show(name)}.`);
    if (handling.type === "refused" && !isHarmless(valueOf(body, name), handling.harmless)) {
      throw unsupported(name, handling.reason);
    }
  }
}

function isHarmless(value: unknown, harmless: readonly unknown[] = []): boolean {
  return value === undefined || harmless.some((each) => JSON.stringify(each) === JSON.stringify(value));
}

/** The table of parameters in Markdown, for the documentation. */
export function renderParameters(): string {
  const rows = Object.entries(parameters).flatMap(([endpoint, known]) =>
    Object.entries(known).map(([name, handling]) => `| ${endpoint} | \`${name}\` | ${describe(handling)} |`),
  );
  return ["| Endpoint | Parameter | Handling |", "| --- | --- | --- |", ...rows].join("\n");
}

function describe(handling: Handling): string {
  if (handling.type === "taken") return "taken";
  if (handling.type === "ignored") return `ignored: ${handling.reason}`;
  const except = (handling.harmless ?? []).map((value) => `\`${JSON.stringify(value)}\``);
  return `501${except.length === 0 ? "" : ` unless ${except.join(" or ")}`}: ${handling.reason}`;
}
