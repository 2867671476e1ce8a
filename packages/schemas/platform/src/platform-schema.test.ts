import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import { absolutePath, defineSchema, explain, parseConfig, printConfig, requireConfig, type Secret } from "@hxp/config";
import { isHxpError } from "@hxp/errors";
import {
  chooseEnvironment,
  composePlatformSchema,
  type PlatformConfig,
  platformSchema,
  readPlatform,
  type WrittenPlatform,
} from "@hxp/schema-platform";

const least = "schema: 1\nname: demo\n";

function parse(text: string, environment?: string) {
  return parseConfig(platformSchema, {
    environment,
    files: [{ layer: "file", file: "hxp.yaml", content: least + text }],
  });
}

function problemsOf(text: string, environment?: string): string[] {
  const { errors, warnings } = parse(text, environment);
  return [...errors, ...warnings].map(({ severity, path, origin }) => {
    const line = origin !== undefined && "line" in origin ? origin.line : 0;
    return `${severity} ${path} line ${line}`;
  });
}

describe("the platform schema", () => {
  test("needs a version and a name, and has a default for all else", () => {
    const config = requireConfig(parse(""));
    expect(config).toMatchObject({
      release: { channel: "latest", minimumAge: 86_400_000 },
      paths: { bundles: "/opt/hxp/bundles", auditLog: "/var/log/hxp/audit.jsonl" },
      evidence: { signers: [] },
    });
    expect(Object.keys(config.environments)).toEqual(["development", "staging", "production"]);
    const empty = parseConfig(platformSchema, {});
    expect(empty.errors.map(({ path }) => path)).toEqual(["schema", "name"]);
  });

  test("has one type for what is written and one for what is read", () => {
    expectTypeOf<WrittenPlatform>().toExtend<{ schema: 1; name: string; release?: object | undefined }>();
    expectTypeOf<PlatformConfig["release"]["minimumAge"]>().toEqualTypeOf<number>();
    expectTypeOf<PlatformConfig["release"]["token"]>().toEqualTypeOf<Secret | undefined>();
  });

  test("prints as a file that reads the same", () => {
    const config = requireConfig(
      parse("release: {registry: 'https://r.example/', token: '${env:T}', minimumAge: 90m}\n"),
    );
    const printed = printConfig(platformSchema, config);
    const again = parseConfig(platformSchema, { files: [{ layer: "file", file: "hxp.yaml", content: printed }] });
    expect(JSON.stringify(requireConfig(again))).toBe(JSON.stringify(config));
    expect(printed).toContain("minimumAge: 90m");
    expect(printed).toContain("token: ${env:T}");
  });

  test("adds environments to its own, and null takes one away", () => {
    const config = requireConfig(parse("environments: {north: {}, staging: null}\n"));
    expect(config.environments).toEqual({
      development: { kind: "development" },
      production: { kind: "production" },
      north: { kind: "production" },
    });
  });

  test.each([
    ["another version", { schema: 2 }],
    ["a name with capitals", { name: "Demo" }],
    ["a channel that is a version", { release: { channel: "v1" } }],
    ["a relative path", { paths: { state: "var/lib" } }],
    ["a path with dots in it", { paths: { state: "/a/../b" } }],
    ["a registry with a password", { release: { registry: "https://user:hunter22@r.example/" } }],
  ])("refuses %s", (_, change) => {
    const content = JSON.stringify({ schema: 1, name: "demo", ...change });
    const { errors } = parseConfig(platformSchema, { files: [{ layer: "file", file: "hxp.json", content }] });
    expect(errors.map(({ code }) => code)).toEqual(["CONFIG_VALUE_INVALID"]);
    expect(JSON.stringify(errors)).not.toContain("hunter22");
  });
});

describe("the platform's rules", () => {
  test.each([
    [
      "an environment that is not declared",
      "owner: {name: a, contact: a@b}\n",
      "nowhere",
      ["error environments line 0"],
    ],
    [
      "production without a trusted root",
      "owner: {name: a, contact: a@b}\n",
      "production",
      ["error release.trustedRoot line 0"],
    ],
    ["production without an owner", "release: {trustedRoot: /etc/root.json}\n", "production", ["warning owner line 1"]],
    [
      "an environment of the kind production",
      "environments: {north: {}}\nowner: {name: a, contact: a@b}\n",
      "north",
      ["error release.trustedRoot line 0"],
    ],
    ["a path in another", "paths: {state: /opt/hxp/bundles/state}\n", undefined, ["error paths.state line 3"]],
    ["two equal paths", "paths: {state: /opt/hxp/bundles}\n", undefined, ["error paths.state line 3"]],
    [
      "a trusted root that a bundle could replace",
      "release: {trustedRoot: /opt/hxp/bundles/root.json}\n",
      undefined,
      ["error release.trustedRoot line 3"],
    ],
    [
      "http across a network",
      "release: {registry: 'http://127.0.0.1.example.com/'}\n",
      undefined,
      ["error release.registry line 3"],
    ],
    ["a token for no registry", "release: {token: '${env:T}'}\n", undefined, ["error release.token line 3"]],
  ])("name %s", (...[, text, environment, expected]) => {
    expect(problemsOf(text, environment)).toEqual(expected);
  });

  test.each([
    ["staging without a trusted root", "", "staging"],
    ["paths beside each other that begin alike", "paths: {state: /opt/hxp/bundles-state}\n", undefined],
    ["http on loopback", "release: {registry: 'http://127.0.0.1:4873/'}\n", undefined],
    ["http on IPv6 loopback", "release: {registry: 'http://[::1]:4873/'}\n", undefined],
    [
      "production with a trusted root and an owner",
      "release: {trustedRoot: /etc/root.json}\nowner: {name: a, contact: a@b}\n",
      "production",
    ],
  ])("allow %s", (_, text, environment) => {
    expect(problemsOf(text, environment)).toEqual([]);
  });

  test("run beside errors in other sections", () => {
    expect(problemsOf("owner: {nme: a, contact: x}\npaths: {state: /opt/hxp/bundles/state}\n")).toContain(
      "error paths.state line 4",
    );
  });
});

describe("composePlatformSchema", () => {
  const gateway = defineSchema({
    id: "urn:test:gateway",
    title: "The gateway",
    schema: z.strictObject({
      port: z.int().min(1).default(8080).meta({ description: "Port.", unit: "TCP port" }),
      root: absolutePath().optional().meta({ description: "Root." }),
    }),
    rules: [{ reads: ["port"], check: ({ port }) => (port === 1 ? [{ path: ["port"], message: "is odd." }] : []) }],
  });
  const composed = composePlatformSchema({ gateway });
  const read = (text: string) =>
    parseConfig(composed, { files: [{ layer: "file", file: "hxp.yaml", content: least + text }] });

  test("adds a section with its types, defaults and rules", () => {
    const config = requireConfig(read("gateway: {}\n"));
    expectTypeOf(config.gateway?.port).toEqualTypeOf<number | undefined>();
    expect(config.gateway).toEqual({ port: 8080 });
    expect(requireConfig(read("")).gateway).toBeUndefined();
    const broken = read("gateway: {port: 1}\n").errors;
    expect(broken.map(({ path, message }) => [path, message])).toEqual([["gateway.port", "gateway.port: is odd."]]);
  });

  test("names the section's default in an explanation", () => {
    expect(explain(read("gateway: {}\n"), "gateway.port")).toMatchObject({
      value: 8080,
      layer: "defaults",
      unit: "TCP port",
    });
  });

  test("has an id of its own for other sections", () => {
    expect(platformSchema.id).toBe("urn:hxp:schema:platform:1");
    expect(composed.id).toBe("urn:hxp:schema:platform:1:gateway");
  });

  test("gives a schema that readPlatform reads with, from hxp.yaml where no file is named", async () => {
    const result = await readPlatform({ schema: composed, file: undefined, variables: {} });
    expect(result.trace().schema).toBe(composed);
    expect(result.errors[0]).toMatchObject({
      code: "FILE_UNREADABLE",
      message: expect.stringContaining("at hxp.yaml"),
    });
  });

  test("refuses a section that takes a platform's own key", () => {
    expect(() => composePlatformSchema({ paths: gateway })).toThrow(
      expect.toSatisfy((error: unknown) => isHxpError(error, "CONFIG_SCHEMA_INVALID")),
    );
  });
});

describe("readPlatform", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "platform-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("reads the repository's example for its own production environment", async () => {
    const file = new URL("../../../../examples/hxp.yaml", import.meta.url).pathname;
    const variables = { HXP_ENVIRONMENT: "production-north", HXP_REGISTRY_TOKEN: "x" };
    const result = await readPlatform({ file, variables });
    expect(result.errors).toEqual([]);
    expect(result.warnings).toEqual([]);
    expect(Object.keys(result.config?.environments ?? {})).not.toContain("staging");
  });

  test("lays the environment's file over hxp.yaml", async () => {
    const file = join(folder, "hxp.yaml");
    await writeFile(file, least);
    await writeFile(join(folder, "hxp.staging.yaml"), "release: {channel: next}\n");
    const channels = ["staging", "development"].map(async (environment) => {
      const config = requireConfig(await readPlatform({ file, environment, variables: {} }));
      return config.release.channel;
    });
    expect(await Promise.all(channels)).toEqual(["next", "latest"]);
    expect(await readFile(file, "utf8")).toBe(least);
  });

  test("chooses the environment by command line, then variable, then development", () => {
    expect(chooseEnvironment("a", { HXP_ENVIRONMENT: "b" })).toBe("a");
    expect(chooseEnvironment(undefined, { HXP_ENVIRONMENT: "b" })).toBe("b");
    expect(chooseEnvironment(undefined, { HXP_ENVIRONMENT: "" })).toBe("development");
    expect(chooseEnvironment(undefined, {})).toBe("development");
  });
});
