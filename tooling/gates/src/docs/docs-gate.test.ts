import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { documentOf, judgeDocs } from "../../test/judge-docs.ts";
import { rulesOf } from "../../test/make-input.ts";
import { temporaryFolder } from "../../test/temporary-folder.ts";
import { watchedTools } from "../../test/watched-tools.ts";

const fence = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\`\n`;

const sound = `# Acme

See [the guide](docs/guide.md), [steps](/docs/guide.md#first-steps), [more](docs/guide.md#code--more), [top](#acme),
[a folder](docs/), <a href="docs/guide.md">it</a>, [line](examples/tool.ts#L3) and https://example.com.

${fence("sh", "npm install @acme/tool # the tool\nnpx tool keys list --since 1d -a\nnpx -y pnpm@12 tool check docs/guide.md --strict")}
${fence("console", "$ pnpm test kill\nok: 'no quote is open here\n$ pnpm run build && pnpm --filter tool build")}
${fence("ts", 'import { start } from "@acme/tool";\n\nstart();')}
${fence("json", '{ "a": 1 }')}
${fence("yaml", "a: [1]")}
${fence("text", "whatever (")}
`;

describe("docsGate", () => {
  test("passes documents whose links, commands and snippets hold, and counts them", async () => {
    const result = await judgeDocs(sound);
    expect(result).toMatchObject({ verdict: "passed", checked: 3, findings: [] });
    expect(documentOf(result)).toEqual({
      path: "README.md",
      links: 8,
      external: 1,
      commands: 6,
      snippets: 3,
      excluded: 0,
      copies: ["examples/tool.ts"],
      unknown: [],
    });
    expect(result.inputs.map(({ name }) => name)).toEqual(["README.md", "docs/guide.md", "packages/tool/README.md"]);
  });

  test("fails when there is no document", async () => {
    const result = await judgeDocs("", { policy: { docs: { files: ["nothing/*.md"] } } });
    expect(rulesOf(result)).toEqual(["nothing-checked"]);
  });

  test("names document, line, package and what to do", async () => {
    const readme = `# Tool\n\n${fence("sh", "tool keys\ntool nowhere")}`;
    const result = await judgeDocs("", { files: { "packages/tool/README.md": readme } });
    expect(result.findings).toMatchObject([
      {
        rule: "subcommand-unknown",
        package: "@acme/tool",
        where: "packages/tool/README.md:5",
        message: "tool has no subcommand nowhere; it has keys, check.",
        fix: "Write one that tool --help lists.",
      },
    ]);
  });

  test("takes a waiver, and leaves out what a block excludes itself, visibly", async () => {
    const waiver = { gate: "docs", rule: "link-broken", owner: "Ada", reason: "comes next", expires: "2026-12-01" };
    expect(await judgeDocs("[x](x.md)", { policy: { waivers: [waiver] } })).toMatchObject({ verdict: "waived" });
    const excluded = await judgeDocs(fence("sh no-check", "pnpm nowhere"));
    expect(excluded).toMatchObject({ verdict: "passed" });
    expect(documentOf(excluded)).toMatchObject({ excluded: 1, commands: 0 });
  });

  test("does not look at what tells of the past", async () => {
    expect(await judgeDocs("", { files: { "CHANGELOG.md": "[x](x.md)" } })).toMatchObject({ verdict: "passed" });
  });
});

describe("links", () => {
  test.each([
    ["a file that is not there", "[x](docs/nowhere.md)", "link-broken"],
    ["a picture that is not there", "![x](nowhere.png)", "link-broken"],
    ["a file in other letters", "[x](docs/Guide.md)", "link-broken"],
    ["a file by its reference", "[x]\n\n[x]: nowhere.md", "link-broken"],
    ["a file by HTML", '<img alt="x" src="nowhere.png">', "link-broken"],
    ["a file in a table", "| a |\n| - |\n| [x](nowhere.md) |", "link-broken"],
    ["what is only installed", "[x](node_modules/.bin/vitest)", "link-broken"],
    ["a heading that is not there", "[x](docs/guide.md#nowhere)", "anchor-missing"],
    ["a heading in other letters", "[x](docs/guide.md#First-Steps)", "anchor-missing"],
    ["a heading of its own that is not there", "# A\n\n[x](#b)", "anchor-missing"],
    ["a line that the file does not have", "[x](examples/tool.ts#L3-L40)", "anchor-missing"],
    ["outside", "[x](../../etc/passwd)", "link-outside"],
    ["nothing that is a URL", "[x](http://)", "link-malformed"],
    ["this machine", "[x](file:///etc/passwd)", "link-malformed"],
    ["a path that cannot be decoded", "[x](a%zz.md)", "link-malformed"],
  ])("fail that lead to %s", async (_title, readme, rule) => {
    const result = await judgeDocs(readme);
    expect(result.verdict).toBe("failed");
    expect(rulesOf(result)).toEqual([rule]);
  });

  test.each([
    ["in code", "`[x](nowhere.md)` and\n\n```text\n[x](nowhere.md)\n```"],
    ["to headings of the same name", "# A\n\n# A\n\n[x](#a) [y](#a-1)"],
    ["to an anchor in HTML", '<a name="here"></a> [x](#here)'],
    ["to a footnote", "a[^1]\n\n[^1]: nowhere.md"],
    ["with a query", "[x](docs/guide.md?plain=1#first-steps)"],
  ])("pass %s", async (_title, readme) => {
    expect(await judgeDocs(readme)).toMatchObject({ verdict: "passed", findings: [] });
  });

  test.each<[string, object, string]>([
    ["names no repository", { repository: undefined }, "error"],
    ["names another folder", { repository: { url: "https://github.com/acme/tools", directory: "tool" } }, "error"],
    [
      "is where links stay as they are",
      { repository: { url: "https://git.acme.dev/tools", directory: "packages/tool" } },
      "warning",
    ],
  ])(
    "of a package's README to what is not packed are found when its manifest %s",
    async (_title, manifest, severity) => {
      const result = await judgeDocs("", { manifest });
      expect(result.findings).toMatchObject([
        { rule: "link-unpublished", severity, where: "packages/tool/README.md:3" },
      ]);
    },
  );
});

describe("commands", () => {
  test.each([
    ["a script that is not there", "pnpm nowhere", "script-unknown"],
    ["a script that is not there, through npx", "npx -y pnpm@12 nowhere", "script-unknown"],
    ["a script that npm is to run", "npm run nowhere", "script-unknown"],
    ["a script behind others", "cd x && CI=1 sudo pnpm run nowhere > log", "script-unknown"],
    ["a script in a substitution", 'echo "$(pnpm nowhere)"', "script-unknown"],
    ["a script after a prompt", "$ pnpm nowhere", "script-unknown"],
    ["a test that is not there", "pnpm test nowhere", "test-unknown"],
    ["a subcommand that is not there", "npx tool keys nowhere", "subcommand-unknown"],
    ["a subcommand that is not there, by the package's name", "npx @acme/tool@1 nowhere", "subcommand-unknown"],
    ["a subcommand that is not there, through a script", "pnpm tool nowhere", "subcommand-unknown"],
    ["a flag that is not there", "tool keys list --nowhere", "flag-unknown"],
    ["a flag of another subcommand", "tool check --since=1d", "flag-unknown"],
    ["an argument where none is taken", "tool keys list everything", "argument-unexpected"],
    ["a package of ours that is not published", "npm install @acme/hidden", "package-unknown"],
    ["a package of ours by npx", "npx @acme/nowhere", "package-unknown"],
    ["a file that is not there", "node examples/nowhere.ts", "path-missing"],
    ["an open quote", "echo 'a", "command-malformed"],
  ])("fail that name %s", async (_title, command, rule) => {
    const result = await judgeDocs(fence("sh", command));
    expect(result.verdict).toBe("failed");
    expect(rulesOf(result)).toEqual([rule]);
  });

  test.each([
    ["a value of a flag", "tool keys list --since yesterday"],
    ["a flag of what stands above", "tool --json keys list"],
    ["an argument that is taken", "tool check anything <file> $X"],
    ["what pnpm and npm know themselves", "pnpm -r add x -D; npm ci; pnpm audit signatures; pnpm install"],
    ["files in a folder of the reader's", "node src/mine.js"],
    ["a program's own help", "tool keys --help; tool -h"],
  ])("pass that name %s", async (_title, command) => {
    expect((await judgeDocs(fence("bash", command))).findings).toEqual([]);
  });

  test("that nobody can tell are said to be unknown", async () => {
    const result = await judgeDocs(fence("sh", "# comment\ncurl x | jq .\n\npnpm build fast\nnpm install other"));
    expect(documentOf(result).unknown).toEqual([
      "line 3: curl x",
      "line 3: jq .",
      "line 5: pnpm build fast",
      "line 6: packages of others: other",
    ]);
  });

  test("are unknown where the program tells no help", async () => {
    const result = await judgeDocs(fence("sh", "tool keys"), {
      files: { "packages/tool/dist/bin.js": "process.exit(1)" },
    });
    expect(documentOf(result).unknown).toEqual(["line 2: tool tells no help"]);
  });

  test("are looked up in programs that see neither home nor environment of the release", async () => {
    const folder = await temporaryFolder();
    const bin = `import { readdirSync } from "node:fs";
const { HOME, DATABASE_URL, npm_config_registry } = process.env;
const isAlone = DATABASE_URL === undefined && npm_config_registry === undefined && readdirSync(HOME).length === 0;
if (isAlone && process.argv0 === ${JSON.stringify(join(folder, "node-bin/node"))}) console.log("Usage: tool <key>");\n`;
    const files = { "packages/tool/dist/bin.js": bin };
    const result = await judgeDocs(fence("sh", "tool keys"), { files, tools: await watchedTools(folder) });
    expect(documentOf(result)).toMatchObject({ commands: 1, unknown: [] });
  });

  test("cannot be run by the name of a package with several programs", async () => {
    const bin = { one: "./dist/bin.js", two: "./dist/two.js" };
    const result = await judgeDocs(fence("sh", "npx @acme/tool keys"), { manifest: { bin } });
    expect(rulesOf(result)).toEqual(["package-unknown"]);
  });
});

describe("snippets", () => {
  test.each([
    ["TypeScript that does not parse", "ts", "const a = ;", "snippet-syntax"],
    ["types in JavaScript", "js", "const a: number = 1;", "snippet-syntax"],
    ["JSON that does not parse", "json", "{ a: 1 }", "snippet-syntax"],
    ["YAML that does not parse", "yaml", "a: [", "snippet-syntax"],
    ["a name that is not exported", "ts", 'import { stop } from "@acme/tool";', "import-unknown"],
    ["a type that is not exported", "ts", 'import type { Nothing } from "@acme/tool";', "import-unknown"],
    ["a part that is not exported", "ts", 'import "@acme/tool/dist/start.js";', "import-unknown"],
    ["a part that is not exported, later", "js", 'await import("@acme/tool/nowhere");', "import-unknown"],
    ["a name that is not exported, later", "js", 'const { stop } = await import("@acme/tool");', "import-unknown"],
    ["a package of ours that is not published", "ts", 'import "@acme/hidden";', "package-unknown"],
    ["a call that is declared otherwise", "ts", 'import { start } from "@acme/tool";\nstart({}, 1);', "snippet-types"],
    [
      "a key that is not declared",
      "ts",
      'import { start } from "@acme/tool";\nstart({ fast: true, loud: 1 });',
      "snippet-types",
    ],
  ])("fail with %s", async (_title, language, text, rule) => {
    const result = await judgeDocs(`# A\n\n${fence(language, `\n${text}`)}`);
    expect(result.verdict).toBe("failed");
    expect(rulesOf(result)).toEqual([rule]);
  });

  test.each([
    [
      "what is exported",
      "ts",
      'import main, { type Options, start as begin } from "@acme/tool";\nexport { start } from "@acme/tool";',
    ],
    ["what is exported, later", "js", 'const { start: begin, ...rest } = require("@acme/tool");'],
    ["JavaScript without declarations", "js", 'import { more } from "@acme/tool/extra";\nawait 1;'],
    ["packages of others and Node's own", "ts", 'import x from "other";\nimport { join } from "node:path";'],
    [
      "what is left out, and types of what is not here",
      "ts",
      'import { start } from "@acme/tool";\nimport { X } from "other";\nstart(options);\nmine.run(new X().y, start());',
    ],
    ["an assertion of the old form, and await where a module has it", "ts", "const a = <number>await 1;"],
    ["an object alone", "js", '{ "a": 1, b: [2] }'],
    ["comments in JSON that may have them", "jsonc", "{ /* a */ }"],
    ["several documents of YAML", "yaml", "a: 1\n---\nb: 2"],
  ])("pass with %s", async (_title, language, text) => {
    const result = await judgeDocs(fence(language, text));
    expect(result.findings).toEqual([]);
    expect(documentOf(result)).toMatchObject({ snippets: 1, unknown: [] });
  });

  test("say the line in the document", async () => {
    const result = await judgeDocs(`# A\n\n${fence("ts", 'const a = 1;\nimport { stop } from "@acme/tool";')}`);
    expect(result.findings[0]!.where).toBe("README.md:5");
    const typed = await judgeDocs(`# A\n\n${fence("ts", 'import { start } from "@acme/tool";\n\nstart().gone;')}`);
    expect(typed.findings).toMatchObject([
      { where: "README.md:6", message: expect.stringContaining("Property 'gone' does not exist on type 'void'") },
    ]);
  });

  test("are unknown in languages that nobody here parses, and where a module passes on what is not here", async () => {
    const open = fence("ts", 'import { other } from "@acme/tool/extra";');
    const result = await judgeDocs(`${fence("nginx", "server {}")}${open}${fence("", "server {}")}`);
    expect(documentOf(result).unknown).toEqual([
      "line 2: nginx is not parsed",
      "line 5: whether @acme/tool/extra exports other",
      "line 8: a block that names no language",
    ]);
  });
});
