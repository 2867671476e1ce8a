import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format, inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  diff,
  explain,
  isSecret,
  parseConfig,
  printConfig,
  readConfig,
  renderProblems,
  requireConfig,
} from "@hxp/config";
import { isHxpError } from "@hxp/errors";
import { serviceSchema, yamlFile } from "./testing/service-schema.ts";

const hidden = "hunter2-5f4dcc3b";
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "secret-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function readToken(reference: string, variables: Record<string, string> = {}) {
  const file = join(folder, "hxp.yaml");
  await writeFile(file, `name: x\nserver:\n  token: '${reference}'\n`);
  return readConfig(serviceSchema, { file, variables });
}

describe("a secret", () => {
  test("is read when it is asked for, each time anew", async () => {
    const path = join(folder, "token");
    await writeFile(path, `${hidden}\n`);
    const { server } = requireConfig(await readToken(`\${file:${path}}`));
    expect(await server.token?.reveal()).toBe(hidden);
    await writeFile(path, "rotated");
    expect(await server.token?.reveal()).toBe("rotated");
    await rm(path);
    const thrown = await server.token?.reveal().catch((error: unknown) => error);
    expect(isHxpError(thrown, "CONFIG_REFERENCE_MISSING")).toBe(true);
  });

  test("comes from the variables that it is given", async () => {
    const variables = { TOKEN: hidden };
    const { server } = requireConfig(await readToken("${env:TOKEN}", variables));
    expect(await server.token?.reveal({ variables })).toBe(hidden);
    await expect(server.token?.reveal({ variables: {} })).rejects.toMatchObject({ code: "CONFIG_REFERENCE_MISSING" });
    await expect(server.token?.reveal({ variables: { TOKEN: "" } })).rejects.toMatchObject({
      code: "CONFIG_REFERENCE_MISSING",
    });
  });

  test("is not read when the caller has gone", async () => {
    const path = join(folder, "token");
    await writeFile(path, hidden);
    const { server } = requireConfig(await readToken(`\${file:${path}}`));
    await expect(server.token?.reveal({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
  });

  test("is nowhere in what is printed, logged, explained or compared", async () => {
    const path = join(folder, "token");
    await writeFile(path, hidden);
    const result = await readToken(`\${file:${path}}`, { HXP__SERVER__TOKEN: hidden });
    const config = requireConfig(result);
    const { token } = config.server;
    await token?.reveal({ variables: { HXP__SERVER__TOKEN: hidden } });
    const other = { ...config, server: { ...config.server, token: undefined } };
    const shown = [
      String(token),
      "".concat(token as unknown as string),
      JSON.stringify(token),
      inspect(token, { showHidden: true, depth: 9, showProxy: true }),
      format("%s %o %O %j", token, token, token, token),
      inspect(result, { showHidden: true, depth: 99 }),
      JSON.stringify(result.trace().layers),
      inspect(result.trace(), { depth: 99 }),
      inspect(explain(result, "server.token"), { depth: 9 }),
      inspect(explain(result, "server"), { depth: 9 }),
      JSON.stringify(diff(config, other)),
      printConfig(serviceSchema, config),
      inspect(structuredCloneable(token)),
    ].join("\n");
    expect(shown).not.toContain(hidden);
    expect(shown).toContain("${env:HXP__SERVER__TOKEN}");
    expect(inspect(token)).toBe("Secret(${env:HXP__SERVER__TOKEN})");
    expect(diff(config, other)).toEqual([
      { path: "server.token", kind: "removed", before: "${env:HXP__SERVER__TOKEN}" },
    ]);
    expect(isSecret(token)).toBe(true);
    expect(isSecret({ reference: "x" })).toBe(false);
  });

  test.each([
    ["a variable that is not set", "${env:ABSENT}", "the variable ABSENT is not set"],
    ["a variable that is empty", "${env:EMPTY}", "the variable EMPTY is empty"],
    ["a variable of the prototype", "${env:constructor}", "the variable constructor is not set"],
    ["a file that is not there", "${file:/nowhere/token}", "the file /nowhere/token cannot be read (ENOENT)"],
    ["a folder", "${file:/tmp}", "/tmp is not a file"],
    ["a file in a file", "${file:/etc/passwd/token}", "cannot be read (ENOTDIR)"],
  ])("that is %s is an error at its place", async (_, reference, message) => {
    const { errors } = await readToken(reference, { EMPTY: "" });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      code: "CONFIG_REFERENCE_MISSING",
      path: "server.token",
      found: reference,
      origin: { line: 3, column: 10 },
      excerpt: { text: `  token: '${reference}'` },
    });
    expect(errors[0]?.message).toContain(message);
  });

  test("that is missing is no error where nobody asks", async () => {
    const file = join(folder, "hxp.yaml");
    await writeFile(file, "name: x\nserver: {token: '${env:ABSENT}'}\n");
    const result = await readConfig(serviceSchema, { file, variables: {}, checkSecrets: false });
    expect(requireConfig(result).server.token?.source).toEqual({ kind: "env", name: "ABSENT" });
  });

  test("in a file without a byte is an error", async () => {
    const path = join(folder, "token");
    await writeFile(path, "");
    const { errors } = await readToken(`\${file:${path}}`);
    expect(errors[0]?.message).toContain(`the file ${path} is empty`);
  });
});

describe("a secret in plain text", () => {
  test.each([
    ["at its key", `name: x\nserver:\n  token: ${hidden}\n`],
    ["beside a problem on its line", `name: x\nserver: {prot: 1, token: ${hidden}}\n`],
    ["under a mistyped key", `name: x\nserver:\n  tokn: ${hidden}\n`],
    ["under a key that no schema has", `name: x\npassword: ${hidden}\n`],
    ["in a comment", `name: 1 # was ${hidden}\nserver: {prot: 1} # ${hidden}\n`],
    ["in a text of several lines", `name: x\nserver:\n  prot: 1\n  token: |\n    ${hidden}\n    b\n`],
    ["in a list", `name: x\nserver:\n  token: [${hidden}]\n`],
    ["in a map", `name: x\nserver:\n  token: {a: ${hidden}}\n`],
    ["in a reference that is none", `name: x\nserver:\n  token: '\${env:${hidden}}'\n`],
    ["twice", `name: x\nserver:\n  token: ${hidden}\n  token: ${hidden}2\n`],
    ["on a line that is not well formed", `name: x\nserver:\n  token: ${hidden}: y\n`],
    ["in a quote that does not end", `name: x\nserver:\n  token: "${hidden}\n`],
    ["on a line after one that is not well formed", `name: x\nserver:\n  token: |\n    a\n   ${hidden}\n`],
    ["in an escape that YAML does not know", `name: x\nserver:\n  token: "\\q${hidden}"\n`],
    ["with a tag", `name: x\nserver:\n  token: !${hidden} ${hidden}\n`],
    ["as an alias", `name: x\nserver:\n  token: &t ${hidden}\n  bind: *t\n`],
    ["in a text in place of a map", `name: x\nserver:\n  token ${hidden}\n`],
    ["in a URL", `name: x\nsigner: {identity: a, issuer: "https://user:${hidden}@host/"}\n`],
    ["as user name of a URL", `name: x\nsigner: {identity: a, issuer: "https://${hidden}@host/"}\n`],
    ["in a URL's query", `name: x\nsigner: {identity: a, issuer: "https://host/?t=${hidden}"}\n`],
    ["in a URL's fragment", `name: x\nsigner: {identity: a, issuer: "https://host/#${hidden}"}\n`],
    ["after a slash in a URL's password", `name: x\nsigner: {identity: a, issuer: "https://u:p@s/${hidden}@host/"}\n`],
    ["in a URL without its scheme", `name: x\nsigner: {identity: a, issuer: "u:${hidden}@host/"}\n`],
  ])("%s is an error that does not show it", (_, content) => {
    const result = parseConfig(serviceSchema, { files: [yamlFile(content)] });
    expect(result.errors.length).toBeGreaterThan(0);
    const shown = [
      JSON.stringify(result),
      inspect(result, { depth: 99 }),
      renderProblems(result.errors),
      renderProblems(result.warnings),
    ];
    expect(shown.join("\n")).not.toContain(hidden);
    for (const path of ["server", "server.token", "server.tokn", "password", "signer"]) {
      expect(JSON.stringify(explain(result, path)) ?? "").not.toContain(hidden);
    }
  });
});

describe("an override that is not well formed", () => {
  const broken = [`{token: ${hidden}`, `token: ${hidden}`, `[${hidden}`, `{token: "${hidden}}`];
  const sources = broken.flatMap((text) => [
    { arguments: [`name=x`, `server=${text}`] },
    { arguments: [`name=x`], variables: { HXP__SERVER: text } },
  ]);
  test.each(sources)("is an error that does not show its text: %j", (source) => {
    const result = parseConfig(serviceSchema, source);
    expect(result.errors).toEqual([expect.objectContaining({ path: "server", found: '"***"' })]);
    const shown = [JSON.stringify(result.errors), inspect(result.trace(), { depth: 99 }), explain(result, "server")];
    expect(inspect(shown, { depth: 99 })).not.toContain(hidden);
  });
});

/** What is left of a secret when only its data is taken. */
function structuredCloneable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
