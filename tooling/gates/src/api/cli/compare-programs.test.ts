import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { GateInput } from "@hxp/release-gates";
import { judge, judgePackages, packageIn, patch, release, type State } from "../../../test/api/release-state.ts";
import { serveTarballs } from "../../../test/api/serve-tarballs.ts";
import { writeFiles } from "../../../test/install-workspace.ts";
import { rulesOf } from "../../../test/make-input.ts";
import { temporaryFolder } from "../../../test/temporary-folder.ts";

describe("programs", () => {
  /** A program whose root has one command, with the flags that are given. */
  const program = (...flags: string[]): Omit<State, "version"> => ({
    manifest: { bin: { tool: "./tool.js" }, dependencies: { helper: "1.0.0" } },
    files: {
      "tool.js": `import "helper";
const root = "Usage: tool [options] [command]\\n\\nCommands:\\n  run  run it\\n  help [command]  help\\n";
const run = "Usage: tool run\\n\\nOptions:\\n${flags.map((flag) => `  ${flag}  x`).join("\\n")}\\n";
console.log(process.argv.includes("run") ? run : root);
`,
    },
  });

  async function prepare(before: Omit<State, "version">, after: Omit<State, "version">) {
    const folder = await temporaryFolder();
    const it = await release(folder, "it", patch(before, after));
    const helper = await release(folder, "helper", [{ version: "1.0.0" }, { version: "1.0.1" }]);
    await writeFiles(join(folder, "it/node_modules/helper"), {
      "package.json": { name: "helper", exports: "./i.js" },
      "i.js": "",
    });
    const served: (readonly string[])[] = [];
    const serve: GateInput["serve"] = (tarballs) => {
      served.push(tarballs);
      return serveTarballs(tarballs);
    };
    return { served, judge: () => judgePackages(folder, [it, helper], { serve }) };
  }

  test("a removed flag that is called a patch stops the release, and the last release is installed once", async () => {
    const { served, judge: judgeIt } = await prepare(program("--a", "--b"), program("--a"));
    const first = await judgeIt();
    expect(packageIn(first).changes).toMatchObject([
      { kind: "cli", where: "tool run --b", change: "removed", bump: "major" },
    ]);
    expect(rulesOf(first)).toEqual(["bump-too-small-cli"]);
    expect(packageIn(first).surface).toMatchObject({ bins: 1, commands: 2 });
    expect(served).toHaveLength(1);
    const second = await judgeIt();
    expect(second.findings).toEqual(first.findings);
    expect(served).toHaveLength(1);
  });

  test("a last release that cannot be installed leaves its programs unknown, which does not pass", async () => {
    const folder = await temporaryFolder();
    const it = await release(folder, "it", patch(program("--a"), program("--a")));
    await writeFiles(join(folder, "it/node_modules/helper"), {
      "package.json": { name: "helper", exports: "./i.js" },
      "i.js": "",
    });
    const result = await judgePackages(folder, [it], { serve: serveTarballs });
    expect(result.findings).toMatchObject([
      {
        rule: "programs-unknown",
        where: "bin.tool",
        severity: "error",
        message: expect.stringContaining("it@1.0.0 cannot be installed"),
      },
    ]);
  });

  test("a program that fails, or is not the packed one, is unknown; the policy can leave it out", async () => {
    const failing = { manifest: { bin: { tool: "./tool.js" } }, files: { "tool.js": "process.exitCode = 3;\n" } };
    const states = patch(failing, failing);
    expect(rulesOf(await judge(states))).toEqual(["programs-unknown"]);
    expect((await judge(states, { policy: { api: { cli: { ignore: ["tool"] } } } })).verdict).toBe("passed");
    const folder = await temporaryFolder();
    const it = await release(folder, "it", patch(program("--a"), program("--a")));
    await writeFiles(folder, { "it/tool.js": "console.log('Usage: tool');\n" });
    const result = await judgePackages(folder, [it]);
    expect(result.findings).toMatchObject([
      {
        rule: "programs-unknown",
        message: expect.stringContaining("tool.js of it in the workspace is not the one in the tarball"),
      },
    ]);
  });
});
