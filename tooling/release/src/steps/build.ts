import { join } from "node:path";
import { buildSource } from "../build/build-tree.ts";
import { defineStep } from "./step.ts";

/** Builds the source, with its next versions written, in a folder outside of the workspace. */
export const build = defineStep({
  name: "build",
  title: "Build",
  needs: ["source", "key", "versions"],
  gives: ["built"],
  run: async (context, { source, key, versions }, report) => {
    const folder = join(context.paths.work, key.slice(0, 16));
    const built = await buildSource(
      folder,
      { source, versions },
      {
        repository: context.repository,
        env: context.childEnv,
        command: context.config.build,
        signal: context.signal,
        onProgress: report,
      },
    );
    return { built };
  },
});
