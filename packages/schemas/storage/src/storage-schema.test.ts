import { parseConfig, printConfig, requireConfig, type Secret } from "@hxp/config";
import { isLocalDatabase, type StorageConfig, storageSchema, type WrittenStorage } from "@hxp/schema-storage";
import { describe, expect, expectTypeOf, test } from "vitest";

const day = 86_400_000;

function parse(written: object) {
  const content = JSON.stringify(written);
  return parseConfig(storageSchema, { files: [{ layer: "file", file: "storage.json", content }] });
}

function problemsOf(written: object): string[] {
  const { errors, warnings } = parse(written);
  return [...errors, ...warnings].map(({ severity, path }) => `${severity} ${path}`);
}

describe("the storage's schema", () => {
  test("needs nothing: without a URL, storage is embedded", () => {
    expect(requireConfig(parse({}))).toEqual({
      tls: {},
      pool: { size: 8, idle: 60_000 },
      timeouts: { connect: 5000, statement: 10_000, lock: 5000 },
      migration: "automatic",
      retention: { usage: 90 * day, hourly: 62 * day, daily: 1100 * day },
    });
  });

  test("has one type for what is written and one for what is read", () => {
    expectTypeOf<WrittenStorage>().toExtend<{ url?: string | undefined; password?: string | undefined }>();
    expectTypeOf<StorageConfig["password"]>().toEqualTypeOf<Secret | undefined>();
    expectTypeOf<StorageConfig["retention"]["usage"]>().toEqualTypeOf<number>();
  });

  test("prints as a file that reads the same", () => {
    const config = requireConfig(
      parse({
        url: "postgres://hxp@db.example.com/hxp",
        password: "${file:/run/secrets/db}",
        tls: { ca: "/etc/ca.pem" },
      }),
    );
    const printed = printConfig(storageSchema, config);
    const again = parseConfig(storageSchema, { files: [{ layer: "file", file: "storage.yaml", content: printed }] });
    expect(JSON.stringify(requireConfig(again))).toBe(JSON.stringify(config));
  });

  test.each([
    "postgres://hxp@db.example.com:5432/hxp",
    "postgresql://db.example.com/hxp",
    "postgres://hxp@[::1]:5433/hxp",
    "postgres://hxp@%2Frun%2Fpostgresql/hxp",
    "postgres:///hxp",
    "postgres://name%40company@db/hxp",
  ])("takes the URL %s", (url) => {
    expect(problemsOf({ url })).toEqual([]);
  });

  test.each([
    ["a password", "postgres://hxp:hunter22@db.example.com/hxp"],
    ["an empty password", "postgres://hxp:@db.example.com/hxp"],
    ["a query, which could hold one", "postgres://hxp@db.example.com/hxp?password=hunter22"],
    ["a fragment", "postgres://hxp@db.example.com/hxp#hunter22"],
    ["no database", "postgres://hxp@db.example.com"],
    ["a path of two parts", "postgres://hxp@db.example.com/hxp/hunter22"],
    ["another scheme", "mysql://hxp@db.example.com/hxp"],
    ["a port that is none", "postgres://hxp@db.example.com:99999/hxp"],
    ["a space", "postgres://hxp@db.example.com/h xp"],
  ])("refuses a URL with %s, and does not repeat it", (_, url) => {
    const { errors } = parse({ url });
    expect(errors.map(({ code, path }) => [code, path])).toEqual([["CONFIG_VALUE_INVALID", "url"]]);
    expect(JSON.stringify(errors)).not.toContain("hunter22");
  });

  test("refuses a password in plain text", () => {
    const { errors } = parse({ url: "postgres://hxp@localhost/hxp", password: "hunter22" });
    expect(errors.map(({ code }) => code)).toEqual(["CONFIG_SECRET_LITERAL"]);
    expect(JSON.stringify(errors)).not.toContain("hunter22");
  });
});

describe("the storage's rules", () => {
  const url = "postgres://hxp@db.example.com/hxp";

  test.each<[string, WrittenStorage, string[]]>([
    ["a password for no URL", { password: "${env:PASSWORD}" }, ["error password"]],
    ["TLS for no URL", { tls: { mode: "verify", ca: "/etc/ca.pem" } }, ["error tls.mode", "error tls.ca"]],
    ["authorities that nobody asks", { url, tls: { mode: "encrypt", ca: "/etc/ca.pem" } }, ["error tls.ca"]],
    ["plain text across a network", { url, tls: { mode: "off" } }, ["warning tls.mode"]],
    ["records kept for less than a day", { retention: { usage: "1h" } }, ["error retention.usage"]],
    ["hours that do not cover a month", { retention: { hourly: "31d" } }, ["error retention.hourly"]],
    ["days that go before hours", { retention: { daily: "61d" } }, ["error retention.daily"]],
  ])("name %s", (_, written, expected) => {
    expect(problemsOf(written)).toEqual(expected);
  });

  test.each<[string, WrittenStorage]>([
    ["plain text on this computer", { url: "postgres://hxp@127.0.0.1/hxp", tls: { mode: "off" } }],
    ["no word about TLS, which is then checked", { url }],
    ["the shortest times", { retention: { usage: "1d", hourly: "32d", daily: "32d" } }],
  ])("allow %s", (_, written) => {
    expect(problemsOf(written)).toEqual([]);
  });

  test.each([
    ["postgres://hxp@localhost/hxp", true],
    ["postgres://hxp@127.1.2.3:5432/hxp", true],
    ["postgres://hxp@[::1]/hxp", true],
    ["postgres://hxp@%2Frun%2Fpostgresql/hxp", true],
    ["postgres:///hxp", true],
    ["postgres://hxp@127.0.0.1.example.com/hxp", false],
    ["postgres://localhost@db.example.com/hxp", false],
  ])("know whether %s is on this computer: %s", (address, expected) => {
    expect(isLocalDatabase(address)).toBe(expected);
  });
});
