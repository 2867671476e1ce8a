import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readPackageTarball } from "@hxp/release-gates";
import { makePackage, makeRawTarball, type RawEntry } from "../../test/make-tarball.ts";
import { temporaryFolder } from "../../test/temporary-folder.ts";

const manifest: RawEntry = { path: "package/package.json", content: "{}" };

function problemsOf(...entries: RawEntry[]): [string, string][] {
  const { problems } = readPackageTarball(makeRawTarball([manifest, ...entries]));
  return problems.map(({ rule, where }) => [rule, where]);
}

describe("readPackageTarball", () => {
  test("reads the files of a package with their bytes and modes", () => {
    const tarball = makeRawTarball([manifest, { path: "package/bin/run", content: "#!x", mode: 0o755 }]);
    const { files, problems } = readPackageTarball(tarball);
    expect(problems).toEqual([]);
    expect(files.map(({ path, bytes, mode }) => [path, bytes.toString(), mode])).toEqual([
      ["package.json", "{}", 0o644],
      ["bin/run", "#!x", 0o755],
    ]);
  });

  test("reads what GNU tar writes in the formats that it shares with npm, long names included", async () => {
    const folder = await temporaryFolder();
    const long = `${"folder/".repeat(20)}${"n".repeat(120)}.js`;
    execFileSync("mkdir", ["-p", join(folder, "package", "folder/".repeat(20))]);
    writeFileSync(join(folder, "package", long), "long");
    writeFileSync(join(folder, "package", "ä.js"), "short");
    execFileSync("tar", ["--format=pax", "-czf", "p.tgz", "package"], { cwd: folder });
    const { files, problems } = readPackageTarball(readFileSync(join(folder, "p.tgz")));
    expect(problems).toEqual([]);
    expect(files.map(({ path }) => path).toSorted()).toEqual([long, "ä.js"].toSorted());
  });

  test.each([
    "/etc/passwd",
    "C:/Windows/x",
    "../outside",
    "package/../../outside",
    "package/a\\..\\b",
    "package//a",
    "package/./a",
    "package/a\u0007",
    "other/a.js",
  ])("objects to the path %j and leaves the file out", (path) => {
    const tarball = makeRawTarball([manifest, { path, content: "x" }]);
    const { files, problems } = readPackageTarball(tarball);
    expect(problems).toMatchObject([{ rule: "archive-path", where: path }]);
    expect(files).toHaveLength(1);
  });

  test.each([
    ["archive-link", "2"],
    ["archive-link", "1"],
    ["archive-special", "3"],
    ["archive-special", "4"],
    ["archive-special", "6"],
    ["archive-special", "L"],
    ["archive-special", "g"],
  ])("objects by %s to an entry of type %s", (rule, type) => {
    expect(problemsOf({ path: "package/x", type, target: "/etc/passwd" })).toEqual([[rule, "package/x"]]);
  });

  test("objects to a second entry of the same name, also where a file system would see the same name", () => {
    expect(problemsOf({ path: "package/package.json", content: "{}" })).toEqual([
      ["archive-duplicate", "package/package.json"],
    ]);
    expect(problemsOf({ path: "package/PACKAGE.json" })).toEqual([["archive-duplicate", "package/PACKAGE.json"]]);
    const [composed, decomposed] = ["package/\u00e4", "package/a\u0308"];
    expect(problemsOf({ path: composed }, { path: decomposed })).toEqual([["archive-duplicate", decomposed]]);
  });

  test("objects to an extended header that gives a file another size", () => {
    const extended: RawEntry = { path: "package/pax", type: "x", content: "10 size=1\n" };
    expect(problemsOf(extended, { path: "package/a", content: "abc" })).toEqual([["archive-bytes", "package/pax"]]);
  });

  test("objects to what follows the end of the archive or of the gzip stream", () => {
    const hidden = Buffer.concat([Buffer.alloc(1024), Buffer.from("hidden"), Buffer.alloc(506)]);
    expect(readPackageTarball(makeRawTarball([manifest], hidden)).problems).toMatchObject([{ rule: "archive-bytes" }]);
    const padded = Buffer.concat([makePackage({}), Buffer.from("\0\0hidden")]);
    expect(readPackageTarball(padded).problems).toMatchObject([
      { rule: "archive-bytes", message: "8 bytes follow the gzip stream." },
    ]);
    const twice = Buffer.concat([makePackage({}), makePackage({}, { "hidden.js": "x" })]);
    expect(readPackageTarball(twice).problems).toMatchObject([{ rule: "archive-bytes" }]);
    expect(readPackageTarball(makeRawTarball([manifest], Buffer.alloc(0))).problems).toHaveLength(1);
  });

  test.each([
    ["no gzip", Buffer.from("plain")],
    ["bytes after the gzip stream", Buffer.concat([makePackage({}), Buffer.from("appended")])],
    ["a cut gzip stream", makePackage({}).subarray(0, 60)],
    ["a wrong checksum", gzipSync(gunzipSync(makePackage({})).fill(1, 0, 4))],
    ["a cut archive", gzipSync(gunzipSync(makePackage({}, { "a.js": "x".repeat(600) })).subarray(0, 1700))],
    ["a malformed extended header", makeRawTarball([{ path: "x", type: "x", content: "99 path=a\n" }])],
  ])("throws TARBALL_INVALID on %s", (_title, bytes) => {
    expect(() => readPackageTarball(bytes)).toThrow(expect.objectContaining({ code: "TARBALL_INVALID" }));
  });
});
