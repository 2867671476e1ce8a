import { createLlamaEngine } from "@hxp/engine-llama";
import { readGuideModel } from "@hxp/model-guide";

const { file, contextLength, knownAnswers } = readGuideModel();
const engine = createLlamaEngine();
const options = { file, contextLength, sequences: 4, threads: 1, gpuLayers: 0, variant: "cpu" };
const { host } = await engine.plan(options); // bytes that loading will take
console.log(`takes ${(host / 2 ** 20).toFixed()} MiB`);

const model = await engine.load(options);
const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, presencePenalty: 0, frequencyPenalty: 0 };
const answers = knownAnswers.slice(0, 3).map(async ({ question }, index) => {
  const prompt = { type: "chat", messages: [{ role: "user", content: question }] } as const;
  let text = "";
  for await (const event of model.generate({ id: `example-${index}`, prompt, sampling, stop: [] })) {
    if (event.type === "text") text += event.text;
    if (event.type === "end") console.log(question, text, event.reason, event.usage.completionTokens);
  }
});
await Promise.all(answers); // computed together, a batch at a time
await model.unload();
