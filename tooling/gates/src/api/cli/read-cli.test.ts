import { describe, expect, test } from "vitest";
import { judge, patch, type State } from "../../../test/api/release-state.ts";
import { serveTarballs } from "../../../test/api/serve-tarballs.ts";

describe("a help that cannot be read", () => {
  const says = (text: string): Omit<State, "version"> => ({
    manifest: { bin: { tool: "./tool.js" } },
    files: { "tool.js": `console.log(${JSON.stringify(text)});\n` },
  });

  test.each([
    ["that is no more than a text", "tool does it.\n\n  run    runs it\n", "it has no usage"],
    [
      "whose commands are under a heading of their own",
      "Usage: tool [options] [command]\n\nManage:\n  run  run it\n\nCommands:\n  help [command]  help\n",
      "its usage has a command",
    ],
    [
      "that names a command on its first line alone",
      "tool <command>\n\nOptions:\n  --all  all\n",
      "its usage has a command",
    ],
  ])("is unknown: one %s", async (_title, text, problem) => {
    const result = await judge(patch(says(text), says(text)));
    expect(result.findings).toMatchObject([
      { rule: "programs-unknown", where: "bin.tool", severity: "error", message: expect.stringContaining(problem) },
    ]);
  });

  test("is not one with a usage and nothing else", async () => {
    const states = patch(says("Usage: tool\n"), says("Usage: tool\n"));
    expect(await judge(states, { serve: serveTarballs })).toMatchObject({ verdict: "passed", findings: [] });
  });
});
