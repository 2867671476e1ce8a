import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { loadReleaseConfig } from "./load-release-config.ts";
import type { ReleaseConfig } from "./release-config.ts";

const env = { PATH: process.env["PATH"] };

/** Loads the configuration of a workspace in which this file stands. */
function load(
  text: string,
  { name = "release.config.ts", ...options }: { name?: string; env?: NodeJS.ProcessEnv } = {},
) {
  const workspace = temporaryFolder();
  writeFileSync(join(workspace, name), text);
  return loadReleaseConfig(workspace, options.env ?? env);
}

function invalid(...parts: string[]): unknown {
  const message = parts.map((part) => expect.objectContaining({ message: expect.stringContaining(part) }));
  return expect.toSatisfy(
    (error: unknown) => message.every((matcher) => matcher.asymmetricMatch(error)) && hasCode(error),
  );
}

function hasCode(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "RELEASE_CONFIG_INVALID";
}

/** What the error beneath says. */
async function causeOf(loading: Promise<ReleaseConfig>): Promise<string> {
  const error: unknown = await loading.catch((thrown: unknown) => thrown);
  expect(hasCode(error)).toBe(true);
  return String((error as Error).cause);
}

describe("a release configuration", () => {
  test("is a rehearsal with all gates when there is no file", async () => {
    const config = await loadReleaseConfig(temporaryFolder(), env);
    expect(config).toMatchObject({
      registry: "local",
      registries: {},
      channel: "latest",
      signer: { type: "key", passphraseVariable: "HXP_KEY_PASSPHRASE" },
      state: ".hxp",
      gates: [
        "contents",
        "api",
        "licences",
        "advisories",
        "signatures",
        "conflicts",
        "docs",
        "rebuild",
        "compatibility",
      ],
    });
    expect(Object.keys(config.channels)).toEqual(["latest", "next", "canary", "snapshot"]);
  });

  test.each([
    ["release.config.ts", "const channel: string = 'next'; export default { channel } satisfies object;"],
    ["release.config.mts", "export default { channel: 'next' as const };"],
    ["release.config.js", "export default { channel: 'next' };"],
    ["release.config.mjs", "export default { channel: 'next' };"],
  ])("is read from %s, and the rest has its defaults", async (name, text) => {
    expect(await load(text, { name })).toMatchObject({ channel: "next", registry: "local" });
  });

  test("may print, import, await and leave keys undefined", async () => {
    const text = `import { basename } from "node:path";
console.log('{"channel":"printed"}');
const channel = await Promise.resolve(basename("/a/next"));
export default { channel, registry: undefined };`;
    expect(await load(text)).toMatchObject({ channel: "next", registry: "local" });
  });

  test("is evaluated with the given environment alone, so that no token of ours reaches it", async () => {
    process.env["LOAD_CONFIG_TOKEN"] = "secret";
    try {
      const text = "export default { state: Object.keys(process.env).sort().join() };";
      expect((await load(text, { env: { ...env, GIVEN: "1" } })).state).toBe("GIVEN,PATH");
    } finally {
      delete process.env["LOAD_CONFIG_TOKEN"];
    }
  });
});

describe("a release configuration that is not valid", () => {
  test("names every bad key, with its path", async () => {
    const text = `export default {
  chanel: "next", nodes: ["24"], visibilityTimeoutMinutes: 0, registries: { npm: { mode: "later" } }, gates: ["taste"],
};`;
    await expect(load(text)).rejects.toThrow(
      invalid("chanel", "nodes[0]", "visibilityTimeoutMinutes", "registries.npm.mode", "gates[0]", "release.config.ts"),
    );
  });

  test.each([
    ["a signer that does not exist", "{ signer: { type: 'paper' } }", "signer"],
    ["a registry with a name that is no word", "{ registries: { 'N P M': {} } }", "registries"],
    ["a url that is none", "{ registries: { npm: { url: 'npm' } } }", "registries.npm.url"],
    [
      "a keyless signer without an identity",
      "{ signer: { type: 'keyless', fulcioUrl: 'https://f.example' } }",
      "signer",
    ],
  ])("because of %s", async (_what, written, part) => {
    await expect(load(`export default ${written};`)).rejects.toThrow(invalid(part));
  });

  test.each(["export const channel = 'next';", "export default null;", "export default [];", "export default 'text';"])(
    "because it exports no object: %j",
    async (text) => {
      await expect(load(text)).rejects.toThrow(invalid("expected object"));
    },
  );

  test.each([
    ["build: () => ['make']", "build"],
    ["policy: { waivers: [{ expires: new Date(0) }] }", "expires"],
    ["nodes: new Set()", "nodes"],
    ["visibilityTimeoutMinutes: Number.NaN", "visibilityTimeoutMinutes"],
    ["visibilityTimeoutMinutes: 5n", "visibilityTimeoutMinutes"],
    ["channels: { toJSON: () => ({}) }", "toJSON"],
  ])("because it is not plain data: { %s }", async (written, key) => {
    expect(await causeOf(load(`export default { ${written} };`))).toContain(`${key} is not plain data`);
  });

  test("because it is a function", async () => {
    expect(await causeOf(load("export default () => ({});"))).toContain("the configuration is not plain data");
  });

  test("because it throws, with what it threw", async () => {
    expect(await causeOf(load("throw new Error('no luck today');"))).toContain("no luck today");
  });

  test("because it is no program", async () => {
    expect(await causeOf(load("export default {"))).toContain("release.config.ts");
  });

  test("because it writes over its own result", async () => {
    const text = "process.on('exit', () => console.log('\\nbye')); export default {};";
    await expect(load(text)).rejects.toThrow(invalid("writes to standard output"));
  });
});
