import { z } from "zod";

const globs = z.array(z.string().min(1));

/** Section `docs` of the policy. Globs are relative to the workspace's root and to the folder of each released package. */
export const docsPolicySchema = z.strictObject({
  files: globs
    .default(["*.md", "docs/**/*.md"])
    .describe("Documents, relative to the workspace and to the folder of each released package."),
  ignore: globs
    .default(["CHANGELOG.md", "**/CHANGELOG.md"])
    .describe("Documents that are not looked at, relative to the workspace: those that tell of the past."),
  examples: globs
    .default(["examples/**/*"])
    .describe("Files that snippets may be copies of, relative to the workspace; the report says which are."),
});
