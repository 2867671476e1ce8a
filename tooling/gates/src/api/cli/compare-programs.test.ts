import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { GateInput } from "@hxp/release-gates";
import { judge, judgePackages, packageIn, patch, release, type State } from "../../../test/api/release-state.ts";
import { serveTarballs } from "../../../test/api/serve-tarballs.ts";
import { writeFiles } from "../../../test/install-workspace.ts";
import { rulesOf } from "../../../test/make-input.ts";
import { temporaryFolder } from "../../../test/temporary-folder.ts";
import { readSurroundings, watchedTools, writeSurroundings } from "../../../test/watched-tools.ts";

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

describe("what programs said is kept", () => {
  /** A program whose flags a package of the workspace has. */
  const it = { manifest: { bin: { tool: "./tool.js" }, dependencies: { flags: "^1.0.0" } } };
  const tool = `import { flags } from "flags"; console.log(\`Usage: tool\\n\\nOptions:\\n\${flags}\`);\n`;
  const flags = (...names: string[]): Omit<State, "version"> => ({
    files: {
      "index.js": `export const flags = ${JSON.stringify(names.map((name) => `  --${name}  x`).join("\n"))};\n`,
      "index.d.ts": "export declare const flags: string;\n",
    },
  });

  async function prepare(before: Omit<State, "version">, after: Omit<State, "version">, folder = "") {
    const root = folder === "" ? await temporaryFolder() : folder;
    const own = { ...it, files: { "tool.js": tool } };
    const packages = [
      await release(root, "it", patch(own, { ...own, files: { ...own.files, "other.js": "" } })),
      await release(root, "flags", patch(before, after)),
    ];
    if (folder === "") {
      await writeFiles(root, { "it/node_modules/.keep": "" });
      await symlink(join(root, "flags"), join(root, "it/node_modules/flags"));
    }
    return { folder: root, judge: () => judgePackages(root, packages, { serve: serveTarballs }) };
  }

  const removed = { where: "tool --b", change: "removed" };

  test("for the packages of the workspace that they load, not for their own alone", async () => {
    const first = await prepare(flags("a", "b"), flags("a", "b"));
    expect(packageIn(await first.judge()).changes).toEqual([]);
    const second = await prepare(flags("a", "b"), flags("a"), first.folder);
    expect(packageIn(await second.judge()).changes).toMatchObject([removed]);
  });

  test("and believed as it was written only", async () => {
    const { folder, judge: judgeIt } = await prepare(flags("a", "b"), flags("a"));
    expect(packageIn(await judgeIt()).changes).toMatchObject([removed]);
    const kept = join(folder, "scratch/cache/api-programs");
    const files = await readdir(kept);
    expect(files).toHaveLength(2);
    for (const file of files) {
      const text = await readFile(join(kept, file), "utf8");
      await writeFile(join(kept, file), text.replaceAll("--b", "--a"));
    }
    expect(packageIn(await judgeIt()).changes).toMatchObject([removed]);
  });
});

test("programs and exported values are read without the environment of the release", async () => {
  const folder = await temporaryFolder();
  const tools = await watchedTools(folder);
  const files = {
    "tool.js": `${writeSurroundings} console.log("Usage: tool");\n`,
    "index.js": `if (process.env.DATABASE_URL ?? process.env.HOME !== process.env.TMPDIR) throw new Error("seen");
export const table = { A: 1 };\n`,
  };
  const item = await release(folder, "it", [undefined, { version: "1.0.0", manifest: { bin: "./tool.js" }, files }]);
  const policy = { api: { data: [{ package: "it", export: "table" }] } };
  const result = await judgePackages(folder, [{ ...item }], { tools, policy });
  expect(result.findings.filter(({ rule }) => rule !== "types-unresolved")).toEqual([]);
  expect(packageIn(result).surface).toMatchObject({ commands: 1, "data in table": 1 });
  const { env, node } = await readSurroundings(join(folder, "it"));
  expect(env).not.toHaveProperty("DATABASE_URL");
  expect(env).not.toHaveProperty("npm_config_registry");
  expect(env["HOME"]).not.toBe(tools.env["HOME"]);
  expect(node).toBe(join(folder, "node-bin/node"));
});
