import { readFile, realpath } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { getLanguageService } from "yaml-language-server";
import { TextDocument } from "vscode-languageserver-textdocument";

const example = new URL("../../../../examples/hxp.yaml", import.meta.url);

const service = getLanguageService({
  schemaRequestService: (uri) => readFile(fileURLToPath(uri), "utf8"),
  workspaceContext: { resolveRelativePath: (path, resource) => new URL(path, resource).href },
});
service.configure({ validate: true, completion: true, hover: true });

// The service keeps what it parsed by version.
let version = 0;

async function openExample(edit: (text: string) => string = (text) => text): Promise<TextDocument> {
  const text = await readFile(example, "utf8");
  const edited = edit(text);
  version += 1;
  return TextDocument.create(example.href, "yaml", version, edited);
}

describe("a YAML language server", () => {
  test("finds the packaged schema by the example's first line", async () => {
    const [, path = ""] = /^# yaml-language-server: \$schema=(\S+)/.exec(await readFile(example, "utf8")) ?? [];
    const packaged = createRequire(import.meta.url).resolve("@hxp/schema-platform/schema.json");
    expect(await realpath(new URL(path, example))).toBe(await realpath(packaged));
  });

  test("accepts the example", async () => {
    expect(await service.doValidation(await openExample(), false)).toEqual([]);
  });

  test("accepts a file that is laid over another, which holds a part of the keys and takes some away", async () => {
    const path = createRequire(import.meta.url).resolve("@hxp/schema-platform/overlay.schema.json");
    const lines = [
      `# yaml-language-server: $schema=${pathToFileURL(path).href}`,
      "owner: null",
      "release:",
      "  chanel: x",
    ];
    const overlay = (text: string): TextDocument => {
      version += 1;
      return TextDocument.create(new URL("hxp.production.yaml", example).href, "yaml", version, text);
    };
    expect(await service.doValidation(overlay(lines.slice(0, 2).join("\n")), false)).toEqual([]);
    const problems = await service.doValidation(overlay(lines.join("\n")), false);
    expect(problems).toEqual([expect.objectContaining({ message: expect.stringContaining("chanel") })]);
  });

  test("reports a mistyped key on its line", async () => {
    const document = await openExample((text) => text.replace("trustedRoot:", "trustedRot:"));
    const line = document
      .getText()
      .split("\n")
      .findIndex((each) => each.includes("trustedRot:"));
    const [first, ...others] = await service.doValidation(document, false);
    expect(others).toEqual([]);
    expect(first?.message).toContain("trustedRot");
    expect(first?.range.start.line).toBe(line);
  });

  test("reports a secret in plain text on its line", async () => {
    const document = await openExample((text) => text.replace("${env:HXP_REGISTRY_TOKEN}", "abc"));
    const line = document
      .getText()
      .split("\n")
      .findIndex((each) => each.includes("token: abc"));
    const problems = await service.doValidation(document, false);
    expect(problems.map((problem) => problem.range.start.line)).toEqual([line]);
  });

  test("offers the keys of a section with our descriptions", async () => {
    const document = await openExample((text) => text.replace("  minimumAge: 3d\n", "  m\n"));
    const offset = document.getText().indexOf("  m\n") + 3;
    const { items } = await service.doComplete(document, document.positionAt(offset), false);
    const offered = items.find((item) => item.label === "minimumAge");
    expect(JSON.stringify(offered?.documentation)).toContain("How long a release must have been public");
    expect(items.map((item) => item.label)).not.toContain("bundles");
  });

  test("explains a key under the pointer", async () => {
    const document = await openExample();
    const offset = document.getText().indexOf("channel:") + 2;
    const hover = await service.doHover(document, document.positionAt(offset));
    expect(JSON.stringify(hover?.contents)).toContain("Channel to follow");
  });
});
