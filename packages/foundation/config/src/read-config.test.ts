import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import {
  type ConfigOf,
  environmentFile,
  explain,
  readConfig,
  requireConfig,
  type Secret,
  type WrittenOf,
} from "@hxp/config";
import { serviceSchema } from "./testing/service-schema.ts";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "config-"));
  file = join(folder, "hxp.yaml");
});
afterEach(() => rm(folder, { recursive: true }));

describe("readConfig", () => {
  test("lays the environment's file over the file, and names both in origins", async () => {
    await writeFile(file, "name: x\nserver: {port: 1, host: a}\n");
    await writeFile(join(folder, "hxp.production.yaml"), "server:\n  port: 2\n");
    const result = await readConfig(serviceSchema, { file, environment: "production", variables: {} });
    expect(requireConfig(result).server).toMatchObject({ port: 2, host: "a" });
    expect(explain(result, "server.port")?.origin).toEqual({
      layer: "environment-file",
      file: join(folder, "hxp.production.yaml"),
      line: 2,
      column: 9,
    });
  });

  test("does without the environment's file", async () => {
    await writeFile(file, "name: x\n");
    const result = await readConfig(serviceSchema, { file, environment: "staging", variables: {} });
    expect(result.errors).toEqual([]);
  });

  test.each(["../etc/passwd", "a/b", "", ".", "a.b", "a\u0000b"])(
    "refuses the environment %j, whose file it cannot name",
    async (environment) => {
      await writeFile(file, "name: x\n");
      expect(environmentFile(file, environment)).toBeUndefined();
      const { errors } = await readConfig(serviceSchema, { file, environment, variables: {} });
      expect(errors.map(({ code, found }) => [code, found])).toEqual([
        ["CONFIG_VALUE_INVALID", JSON.stringify(environment)],
      ]);
    },
  );

  test("says only that the file is missing when it is", async () => {
    const { errors } = await readConfig(serviceSchema, { file, variables: {} });
    expect(errors.map(({ code }) => code)).toEqual(["FILE_UNREADABLE"]);
    expect(errors[0]?.message).toContain(`${file}, but it does not exist`);
  });

  test("says that a folder is no file, also for an environment", async () => {
    await writeFile(file, "name: x\n");
    await mkdir(join(folder, "hxp.production.yaml"));
    const { errors } = await readConfig(serviceSchema, { file, environment: "production", variables: {} });
    expect(errors[0]?.message).toContain("cannot be read (EISDIR)");
  });

  test("reads no file when none is named", async () => {
    const result = await readConfig(serviceSchema, { variables: { HXP__NAME: "x" } });
    expect(requireConfig(result).name).toBe("x");
  });

  test("stops when the caller has gone", async () => {
    await writeFile(file, "name: x\n");
    const gone = readConfig(serviceSchema, { file, signal: AbortSignal.abort(), variables: {} });
    await expect(gone).rejects.toMatchObject({ name: "AbortError" });
  });

  test("gives a config that nobody can change", async () => {
    await writeFile(file, "name: x\nmodels: [{name: m}]\n");
    const config = requireConfig(await readConfig(serviceSchema, { file, variables: {} }));
    expect(() => Object.assign(config.server, { port: 1 })).toThrow(TypeError);
    expect(() => config.models.push({ name: "n", engine: "vllm" })).toThrow(TypeError);
  });

  test("has one type for what is written and one for what is read", () => {
    expectTypeOf<WrittenOf<typeof serviceSchema>["server"]>().toExtend<
      { timeout?: string | undefined; token?: string | undefined } | undefined
    >();
    expectTypeOf<ConfigOf<typeof serviceSchema>["server"]["timeout"]>().toEqualTypeOf<number>();
    expectTypeOf<ConfigOf<typeof serviceSchema>["server"]["token"]>().toEqualTypeOf<Secret | undefined>();
  });
});
