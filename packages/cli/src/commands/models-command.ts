import { listModels, readCatalogue, removeModel, verifyModels } from "@hxp/model";
import { type Command, Option } from "commander";
import { addCommand, addGroup, type PlatformFlags, printResult } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { pull, type PullFlags } from "../models/pull.ts";
import { testKnownAnswers } from "../models/test-known-answers.ts";
import { renderSize } from "../output/render-size.ts";
import { renderTable } from "../output/render-table.ts";
import { loadPlatform } from "../platform/load-platform.ts";

const failedExitCode = 14;

/** `hxp models`: the store of models and the catalogue. */
export function addModelsCommand(program: Command, world: CliWorld): void {
  const models = addGroup(program, "models", "pull, list, verify, test and remove models; list known ones");
  addPull(models, world);
  addCommand(models, {
    words: "list",
    description: "list the models in the store",
    examples: ["hxp models list", "hxp models list --json"],
    platform: true,
  }).action((flags: PlatformFlags) => list(world, flags));
  addCommand(models, {
    words: "verify [names...]",
    description: "read the files in the store again and compare their digests; exit code 14 when one differs",
    examples: ["hxp models verify", "hxp models verify phi-3-mini"],
    platform: true,
  }).action((names: string[], flags: PlatformFlags) => verify(world, names, flags));
  addCommand(models, {
    words: "test <name>",
    description: "load a model and ask what it is known to answer; exit code 14 when an answer differs",
    examples: ["hxp models test guide", "hxp models test phi-3-mini"],
    platform: true,
  }).action((name: string, flags: PlatformFlags) => testKnownAnswers(world, name, flags));
  addCommand(models, {
    words: "remove <name>",
    description: "remove a model from the store, and its file when no other name needs it",
    examples: ["hxp models remove phi-3-mini"],
    platform: true,
  }).action((name: string, flags: PlatformFlags) => remove(world, name, flags));
  addCommand(models, {
    words: "catalogue",
    description: "list models that are known to work, with what they need",
    examples: ["hxp models catalogue", "hxp models catalogue --json"],
  }).action((flags: PlatformFlags) => printCatalogue(world, flags));
}

function addPull(models: Command, world: CliWorld): void {
  addCommand(models, {
    words: "pull <source>",
    description:
      "fetch a model into the store, and go on where an earlier pull stopped. The source is a name in the catalogue, owner/repo/file on the hub, or an https URL of a GGUF or safetensors file",
    examples: [
      "hxp models pull phi-3-mini",
      "hxp models pull Qwen/Qwen3-4B-GGUF/Qwen3-4B-Q4_K_M.gguf --name qwen3",
      "hxp models pull https://models.example.com/chat.gguf --sha256 7485fe6f…",
    ],
    platform: true,
  })
    .option(
      "--sha256 <digest>",
      "digest that the file must have; default: the catalogue's, else the first pull decides",
    )
    .option("--name <name>", "name in the store; default: the catalogue's, else that of the file")
    .option("--licence <spdx>", "SPDX identifier of the model's licence")
    .option("--token-env <variable>", "environment variable with a token for the source's host")
    .addOption(new Option("--hub <url>", "address of the hub; default: https://huggingface.co").env("HF_ENDPOINT"))
    .action((source: string, flags: PullFlags) => pull(world, source, flags));
}

async function list(world: CliWorld, flags: PlatformFlags): Promise<void> {
  const { store } = await findStore(world, flags);
  const models = await listModels(store);
  const rows = models.map(({ name, size, format, licence, sha256, source }) => {
    return [name, renderSize(size), format, licence ?? "unknown", sha256.slice(0, 12), source];
  });
  const text =
    rows.length === 0
      ? `The store ${store} is empty. hxp models catalogue lists models to pull.`
      : renderTable(["Name", "Size", "Format", "Licence", "SHA-256", "Source"], rows, { right: [1] });
  printResult(world, flags, { result: { store, models }, text });
}

async function verify(world: CliWorld, names: readonly string[], flags: PlatformFlags): Promise<void> {
  const { store } = await findStore(world, flags);
  const models = await verifyModels({
    store,
    ...(names.length === 0 ? {} : { names }),
    onProgress: (name, share) => world.progress.show(`${name}: ${Math.floor(share * 100)} %`),
    signal: world.signal,
  });
  if (models.some(({ status }) => status !== "intact")) world.setExitCode(failedExitCode);
  const lines = models.map(
    ({ name, status, error }) => `${name}: ${status}${error === undefined ? "" : `: ${error.message}`}`,
  );
  printResult(world, flags, { result: { store, models }, text: lines.join("\n") || `The store ${store} is empty.` });
}

async function remove(world: CliWorld, name: string, flags: PlatformFlags): Promise<void> {
  const { store } = await findStore(world, flags);
  const { freed } = await removeModel(store, name);
  const text =
    freed === 0
      ? `Removed ${name}; another name still needs its file.`
      : `Removed ${name}: ${renderSize(freed)} are free.`;
  printResult(world, flags, { result: { name, freed }, text });
}

function printCatalogue(world: CliWorld, flags: PlatformFlags): void {
  const models = readCatalogue();
  const rows = models.map(({ name, title, licence, size, memory, contextLength }) => {
    return [name, title, licence, renderSize(size.bytes), renderSize(memory.total), String(contextLength)];
  });
  const headings = ["Name", "Model", "Licence", "File", "Memory", "Context"];
  const text = `${renderTable(headings, rows, { right: [3, 4, 5] })}\n\nhxp models pull <name> fetches one.`;
  printResult(world, flags, { result: { models }, text });
}

async function findStore(world: CliWorld, flags: PlatformFlags): Promise<{ store: string }> {
  const { models, paths } = await loadPlatform(flags, world);
  return { store: models.store ?? paths.models };
}
