import { renderDuration } from "./render-size.ts";

/** What a server that has just become ready tells. */
export interface Welcome {
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly probe: string;
  /** The first API key, on the first start only. */
  readonly key: string | undefined;
  readonly models: readonly string[];
  /** Questions that one of the models is known to answer. */
  readonly questions: { readonly model: string; readonly questions: readonly string[] } | undefined;
  readonly data: string;
  readonly startedInMs: number;
}

/** The text that `hxp up` prints: its snippets work as they are pasted. */
export function renderWelcome(welcome: Welcome): string {
  const { url, probe, models, data, questions, startedInMs } = welcome;
  const model = questions?.model ?? models[0];
  const parts = [
    `HXP answers at ${url} (ready in ${renderDuration(startedInMs)})`,
    renderKey(welcome.key),
    ...(model === undefined ? [] : renderSnippets(welcome, model)),
    renderQuestions(questions),
    [
      `Models   ${models.length === 0 ? "none: name one under gateway.models in hxp.yaml" : models.join(", ")}`,
      `Data     ${data}`,
      `Health   ${probe}/readyz · metrics ${probe}/metrics`,
      "Stop     Ctrl-C finishes the answers that run; a second one ends at once",
    ].join("\n"),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function renderKey(key: string | undefined): string {
  if (key === undefined) return "API key: yours from the first start, or another from hxp keys create --name <name>.";
  return `API key, shown only now because only its hash is kept:\n\n  ${key}`;
}

function renderSnippets({ url, key, questions }: Welcome, model: string): string[] {
  const question = questions?.questions[0] ?? "Hello!";
  return [
    `Ask it:\n\n${indent(renderCurl({ url, key, model, question }))}`,
    `Or with npm install openai, in ask.mjs:\n\n${indent(renderSdk({ url, key, model, question }))}`,
  ];
}

/** What a snippet asks whom. */
export interface Ask {
  readonly url: string;
  /** Undefined: taken from the variable HXP_API_KEY. */
  readonly key: string | undefined;
  readonly model: string;
  readonly question: string;
}

/** A command line that streams an answer. */
export function renderCurl({ url, key, model, question }: Ask): string {
  const body = JSON.stringify({ model, stream: true, temperature: 0, messages: [{ role: "user", content: question }] });
  return [
    `curl -N ${url}/v1/chat/completions \\`,
    `  -H "Authorization: Bearer ${key ?? "$HXP_API_KEY"}" -H "Content-Type: application/json" \\`,
    // Inside of single quotes a shell knows no escape.
    `  -d '${body.replaceAll("'", `'\\''`)}'`,
  ].join("\n");
}

/** A module that streams an answer with the package openai. */
function renderSdk({ url, key, model, question }: Ask): string {
  const apiKey = key === undefined ? "process.env.HXP_API_KEY" : JSON.stringify(key);
  return [
    `import OpenAI from "openai";`,
    ``,
    `const client = new OpenAI({ baseURL: "${url}/v1", apiKey: ${apiKey} });`,
    `const stream = await client.chat.completions.create({`,
    `  model: ${JSON.stringify(model)},`,
    `  messages: [{ role: "user", content: ${JSON.stringify(question)} }],`,
    `  temperature: 0,`,
    `  stream: true,`,
    `});`,
    `for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? "");`,
  ].join("\n");
}

function renderQuestions(known: Welcome["questions"]): string {
  if (known === undefined || known.questions.length === 0) return "";
  const lines = known.questions.slice(0, 3).map((question) => `  • ${question}`);
  return `The model ${known.model} knows answers to questions such as:\n\n${lines.join("\n")}`;
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}
