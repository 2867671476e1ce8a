import type { ModelsConfig } from "@hxp/schema-model";
import type { Welcome } from "../output/render-welcome.ts";

/** Questions that the embedded model knows, where it is served. */
export async function findQuestions({ serve }: Pick<ModelsConfig, "serve">): Promise<Welcome["questions"]> {
  const [model] =
    Object.entries(serve).find(([, { engine, source }]) => engine === "llama" && source === "guide") ?? [];
  if (model === undefined) return undefined;
  const { readGuideModel } = await import("@hxp/model-guide");
  return {
    model,
    questions: readGuideModel()
      .knownAnswers.slice(0, 3)
      .map(({ question }) => question),
  };
}
