import { parseConfig, renderProblems, requireConfig } from "@hxp/config";
import { modelsSchema } from "@hxp/schema-model";

const read = (content: string) =>
  parseConfig(modelsSchema, { files: [{ layer: "file", file: "models.yaml", content }] });

const config = requireConfig(read("serve: { guide: { source: guide, threads: 1 } }"));
console.log(config.serve["guide"]?.sequences, config.serve["guide"]?.drain.deadline); // 4 60000

const wrong = read("serve: { phi: { source: /srv/phi.gguf, gpuLayers: 32 } }");
console.log(renderProblems(wrong.errors)); // 32 layers are to be on a GPU, but the variant cpu uses none
console.log(renderProblems(wrong.warnings)); // there is no sha256: nothing notices when the file is replaced
