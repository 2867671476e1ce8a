import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readPackageTarball } from "@hxp/release-gates";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { digestFile, packPackages, tarballName } from "./pack-packages.ts";

const core = { name: "@acme/core", version: "1.0.0", folder: "libs/core" };
const app = { name: "app", version: "2.0.0", folder: "libs/app" };
const hooks = ["prepack", "prepare", "postpack", "prepublishOnly"];

/** A workspace of two packages whose every lifecycle script would write a file into the package. */
function makeWorkspace(): string {
  const folder = temporaryFolder();
  const write = (path: string, content: string | object): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content));
  };
  const scripts = Object.fromEntries(hooks.map((hook) => [hook, `echo ${hook} > dist/hook.js`]));
  write("pnpm-workspace.yaml", "packages:\n  - libs/*\npmOnFail: ignore\n");
  write("package.json", { name: "root", private: true });
  write("libs/core/package.json", { name: core.name, version: core.version, files: ["dist"], scripts });
  write("libs/core/dist/index.js", "export {};\n");
  write("libs/core/secret.env", "x");
  write("libs/app/package.json", {
    name: app.name,
    version: app.version,
    dependencies: { [core.name]: "workspace:^" },
    peerDependencies: { [core.name]: "workspace:*" },
  });
  return folder;
}

const env = { ...process.env, CI: "true" };

const filesOf = (path: string) => readPackageTarball(readFileSync(path)).files;

describe("packed packages", () => {
  test("have name, version, path, size and digest of the file that is there, in the order in which they were asked for", async () => {
    const folder = join(temporaryFolder(), "tarballs");
    const packed = await packPackages(makeWorkspace(), [app, core], { folder, env });
    expect(packed.map(({ name, version, path }) => [name, version, path])).toEqual([
      ["app", "2.0.0", join(folder, "app-2.0.0.tgz")],
      ["@acme/core", "1.0.0", join(folder, "acme-core-1.0.0.tgz")],
    ]);
    for (const { path, integrity, size } of packed) expect(digestFile(path)).toEqual({ integrity, size });
    expect(readdirSync(folder).toSorted()).toEqual(["acme-core-1.0.0.tgz", "app-2.0.0.tgz"]);
  });

  test("hold the files that the manifest lists, with workspace ranges turned into versions", async () => {
    const folder = join(temporaryFolder(), "tarballs");
    const [first, second] = await packPackages(makeWorkspace(), [core, app], { folder, env });
    expect(
      filesOf(first!.path)
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(["dist/index.js", "package.json"]);
    const manifest = filesOf(second!.path).find(({ path }) => path === "package.json");
    expect(JSON.parse(manifest!.bytes.toString("utf8"))).toMatchObject({
      dependencies: { [core.name]: "^1.0.0" },
      peerDependencies: { [core.name]: "1.0.0" },
    });
  });

  test("have the same bytes a second time, from another folder, with other times and modes", async () => {
    const [one, two] = [makeWorkspace(), makeWorkspace()];
    const file = join(two, "libs/core/dist/index.js");
    utimesSync(file, 1, 1);
    chmodSync(file, 0o600);
    const pack = async (workspace: string) =>
      packPackages(workspace, [core], {
        folder: join(temporaryFolder(), "tarballs"),
        env: { ...env, TZ: "Asia/Tokyo" },
      });
    const [[first], [again], [other]] = [await pack(one), await pack(one), await pack(two)];
    expect(again?.integrity).toBe(first?.integrity);
    expect(other?.integrity).toBe(first?.integrity);
  });

  test("come from a workspace in which no lifecycle script has run", async () => {
    const workspace = makeWorkspace();
    await packPackages(workspace, [core], { folder: join(temporaryFolder(), "tarballs"), env });
    expect(existsSync(join(workspace, "libs/core/dist/hook.js"))).toBe(false);
  });

  test("replace those of an earlier run; what a killed one left, and may still write, is not among them", async () => {
    const folder = join(temporaryFolder(), "tarballs");
    for (const old of [folder, `${folder}-a1b2c3`]) {
      mkdirSync(old);
      writeFileSync(join(old, "old.tgz"), "");
    }
    await packPackages(makeWorkspace(), [core], { folder, env });
    expect(readdirSync(folder)).toEqual(["acme-core-1.0.0.tgz"]);
  });

  test("leave those of an earlier run as they were when one cannot be packed", async () => {
    const folder = join(temporaryFolder(), "tarballs");
    mkdirSync(folder);
    writeFileSync(join(folder, "old.tgz"), "");
    const gone = { name: "gone", version: "1.0.0", folder: "libs/gone" };
    await expect(packPackages(makeWorkspace(), [core, gone], { folder, env })).rejects.toThrow("libs/gone");
    expect(readdirSync(folder)).toEqual(["old.tgz"]);
  });
});

test("a tarball is named as npm names it", () => {
  expect(tarballName("@acme/core", "1.0.0-next.1")).toBe("acme-core-1.0.0-next.1.tgz");
  expect(tarballName("core", "1.0.0")).toBe("core-1.0.0.tgz");
});

test("a digest is the SHA-512 of the bytes, as npm writes it", () => {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, "text");
  const sha512 = createHash("sha512").update("text").digest("base64");
  expect(digestFile(path)).toEqual({ integrity: `sha512-${sha512}`, size: 4 });
});
