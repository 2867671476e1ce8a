import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { GenerateRequest, LoadedModel } from "@hxp/engine";
import { createLlamaEngine } from "@hxp/engine-llama";
import { errorTable } from "@hxp/errors";
import { readGuideModel } from "@hxp/model-guide";
import { parse } from "yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readText, root } from "./workspace-files.ts";

interface Fact {
  answer: string;
  ask: string[];
  held: string[];
}

interface Golden {
  sha256: string;
  answers: { question: string; answer: string; tokens: string[] }[];
}

const folder = "packages/models/guide";
const files = globSync(`${folder}/facts/*.yaml`, { cwd: root }).toSorted();
const facts = files.flatMap((file) => parse(readText(file)) as Fact | Fact[]);
const golden = JSON.parse(readText(`${folder}/model/golden.json`)) as Golden;
const guide = readGuideModel();
const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, presencePenalty: 0, frequencyPenalty: 0 };

describe("the embedded model", () => {
  let model: LoadedModel;

  beforeAll(async () => {
    const { file, contextLength } = guide;
    const options = { file, contextLength, sequences: 8, threads: 1, gpuLayers: 0, variant: "cpu" };
    model = await createLlamaEngine().load(options);
  });
  afterAll(() => model.unload());

  async function ask(question: string, index: number): Promise<{ text: string; tokens: string[] }> {
    const prompt = { type: "chat", messages: [{ role: "user", content: question }] } as const;
    const request: GenerateRequest = { id: `guide-${index}`, prompt, sampling, stop: [], topLogprobs: 0 };
    let text = "";
    const tokens: string[] = [];
    for await (const event of model.generate(request)) {
      if (event.type !== "text") continue;
      text += event.text;
      tokens.push(...(event.logprobs ?? []).map(({ token }) => token));
    }
    return { text, tokens };
  }

  test("is the file that its manifest and the golden file are for", () => {
    expect(createHash("sha256").update(readFileSync(guide.file)).digest("hex")).toBe(guide.sha256);
    expect(golden.sha256).toBe(guide.sha256);
  });

  test("gives each golden answer, token by token", async () => {
    expect(golden.answers.length).toBeGreaterThan(80);
    const given = await Promise.all(golden.answers.map(({ question }, index) => ask(question, index)));
    for (const [index, { question, answer, tokens }] of golden.answers.entries()) {
      expect(given[index], question).toEqual({ text: answer, tokens });
    }
  });

  test("answers as many of the held-out and of the trained questions as its README says", async () => {
    const shares = await Promise.all(
      (["ask", "held"] as const).map(async (kind) => {
        const pairs = facts.flatMap((fact) => fact[kind].map((question) => ({ question, answer: fact.answer })));
        const given = await Promise.all(pairs.map(({ question }, index) => ask(question, index)));
        const right = pairs.filter(({ answer }, index) => given[index]?.text === answer).length;
        return `${right} of ${pairs.length}`;
      }),
    );
    const [, trained, held] = /trained questions: (\d+ of \d+).*held-out questions: (\d+ of \d+)/s.exec(
      readText(`${folder}/README.md`),
    ) ?? ["", "", ""];
    expect(shares).toEqual([trained, held]);
  });

  test("is asked nothing in training that is held out", () => {
    const normal = (question: string): string =>
      question
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, " ")
        .trim();
    const asked = new Set(facts.flatMap(({ ask: questions }) => questions.map(normal)));
    expect(facts.flatMap(({ held }) => held).filter((question) => asked.has(normal(question)))).toEqual([]);
    for (const { ask: questions, held } of facts) {
      expect(questions.length, questions[0]).toBeGreaterThanOrEqual(12);
      expect(held.length, questions[0]).toBeGreaterThanOrEqual(2);
    }
  });
});

describe("the facts", () => {
  const words = facts.map(({ answer }) => answer).join("\n");

  test("name only commands that there are", () => {
    const sources = globSync("packages/cli/src/**/*.ts", { cwd: root, exclude: ["**/*.test.ts"] });
    const program = sources.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
    const named = [...words.matchAll(/hxp ((?:[a-z]+ ?){1,2})/g)].map(([, name = ""]) => name.trim().split(" "));
    const groups = new Set(["keys", "models", "storage", "config", "audit", "serve"]);
    const commands = named.flatMap(([first = "", second]) =>
      groups.has(first) && second !== undefined ? [first, second] : [first],
    );
    expect(commands.length).toBeGreaterThan(30);
    const unknown = commands.filter((word) => !new RegExp(String.raw`["'\x60]${word}\b`).test(program));
    expect([...new Set(unknown)]).toEqual([]);
  });

  test("name only options of commands that there are", () => {
    const sources = globSync("packages/cli/src/**/*.ts", { cwd: root, exclude: ["**/*.test.ts"] });
    const program = sources.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
    const options = [...words.matchAll(/--[a-z]+/g)].map(([option]) => option);
    expect(options.filter((option) => option !== "--help" && !program.includes(`"${option}`))).toEqual([]);
  });

  test("name only error codes that there are", () => {
    const codes = facts.flatMap(
      ({ ask: questions, answer }) => [...questions, answer].join("\n").match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? [],
    );
    expect(codes.length).toBeGreaterThan(8);
    expect([...new Set(codes)].filter((code) => !code.startsWith("HXP__") && !Object.hasOwn(errorTable, code))).toEqual(
      [],
    );
  });

  test("name only settings that there are", () => {
    const schema = JSON.parse(readText("packages/cli/schema.json")) as Node;
    const settings = [...words.matchAll(/\b(?:gateway|models|storage)(?:\.[a-zA-Z]+)+/g)].map(([path]) => path);
    expect(settings.length).toBeGreaterThan(5);
    expect([...new Set(settings)].filter((path) => !hasKey(schema, path.split(".")))).toEqual([]);
  });
});

interface Node {
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
}

function hasKey(node: Node, [first, ...rest]: string[]): boolean {
  if (first === undefined) return true;
  const child = node.properties?.[first] ?? node.additionalProperties;
  return typeof child === "object" && hasKey(child, rest);
}
