import { parseConfig, requireConfig } from "@hxp/config";
import { HxpError } from "@hxp/errors";
import { type KnownAnswer, loadModel, readManifest, storePaths, type TestedAnswer, testModel } from "@hxp/model";
import { modelsSchema, type ServedModelConfig } from "@hxp/schema-model";
import { type PlatformFlags, printResult } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { renderDuration } from "../output/render-size.ts";
import { loadPlatform } from "../platform/load-platform.ts";
import { createEngine } from "../serve/create-engine.ts";
import { findModel } from "../serve/find-model.ts";

const failedExitCode = 14;

/** Loads a model of `models.serve` or of the store and asks it what it is known to answer. */
export async function testKnownAnswers(world: CliWorld, name: string, flags: PlatformFlags): Promise<void> {
  const { models, paths } = await loadPlatform(flags, world);
  const store = models.store ?? paths.models;
  const config = Object.hasOwn(models.serve, name) ? models.serve[name] : undefined;
  const served = config ?? byDefault(name);
  const { file, knownAnswers } = await findModel(served, store);
  const stored = (await readManifest(store, served.source).catch(() => undefined))?.knownAnswers ?? [];
  const questions = [...knownAnswers, ...stored];
  if (questions.length === 0) {
    const hint = `Add one as models.serve.${name}.knownAnswer in hxp.yaml, with a prompt and how the answer begins.`;
    throw new HxpError("USAGE_INVALID", `Nothing is known that the model ${name} answers`, { hint });
  }
  const engine = await createEngine(served.engine);
  const verified = storePaths(store).verified;
  const model = await loadModel(
    { name, engine, config: served, model: file, verified },
    { phase: (phase) => world.progress.show(`${name}: ${phase}`), signal: world.signal },
  );
  try {
    print(world, flags, { name, answers: await ask(world, model, questions) });
  } finally {
    await model.unload();
  }
}

function byDefault(name: string): ServedModelConfig {
  const written = { serve: { [name]: { source: name } } };
  const file = { layer: "file", file: "the command line", content: JSON.stringify(written) } as const;
  const { serve } = requireConfig(parseConfig(modelsSchema, { files: [file] }));
  const [config] = Object.values(serve);
  if (config !== undefined) return config;
  throw new HxpError("USAGE_INVALID", `${JSON.stringify(name)} is no name of a model`);
}

async function ask(
  world: CliWorld,
  model: Parameters<typeof testModel>[0]["model"],
  questions: readonly KnownAnswer[],
): Promise<readonly TestedAnswer[]> {
  const answers: TestedAnswer[] = [];
  for (const question of questions) {
    world.progress.show(`${answers.length + 1} of ${questions.length}: ${question.prompt}`);
    answers.push(...(await testModel({ model, questions: [question], signal: world.signal })));
  }
  return answers;
}

function print(
  world: CliWorld,
  flags: PlatformFlags,
  { name, answers }: { name: string; answers: readonly TestedAnswer[] },
): void {
  const failed = answers.filter(({ passed }) => !passed);
  if (failed.length > 0) world.setExitCode(failedExitCode);
  const tokens = answers.reduce((sum, answer) => sum + answer.tokens, 0);
  const durationMs = answers.reduce((sum, answer) => sum + answer.durationMs, 0);
  const title = `${name} answered ${answers.length - failed.length} of ${answers.length} questions as it should: ${tokens} tokens in ${renderDuration(durationMs)}.`;
  printResult(world, flags, {
    result: { name, passed: failed.length === 0, answers },
    text: [title, ...failed.map(renderFailure)].join("\n"),
  });
}

function renderFailure({ prompt, expected, actual, cut, tokens }: TestedAnswer): string {
  const end = cut ? ` … (cut after ${tokens} tokens)` : "";
  return `\n  ${prompt}\n    expected  ${expected}\n    found     ${actual}${end}`;
}
