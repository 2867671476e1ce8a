import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type GateInput, type GateResult, rebuildGate, runGates } from "@hxp/release-gates";
import { makeInput, rulesOf, writePackage } from "../../test/make-input.ts";
import { makePackage, makeRawTarball, soundFiles, soundManifest } from "../../test/make-tarball.ts";
import { temporaryFolder } from "../../test/temporary-folder.ts";

const first = makePackage(soundManifest, soundFiles);

interface JudgeOptions {
  seen?: (options: Parameters<GateInput["rebuild"]>[0]) => void;
  /** What the second build ran on. */
  nodeVersions?: readonly string[];
}

const builtOn: GateInput["builtOn"] = () => Promise.resolve(["24.2.0"]);

async function judge(
  rebuilt: Record<string, Buffer>,
  { seen = () => {}, nodeVersions = ["22.1.0"] }: JudgeOptions = {},
): Promise<GateResult> {
  const folder = await temporaryFolder();
  const item = await writePackage(folder, first);
  const rebuild: GateInput["rebuild"] = async (options) => {
    seen(options);
    const paths = Object.entries(rebuilt).map(async ([name, bytes], index) => {
      const path = join(folder, `again-${index}.tgz`);
      await writeFile(path, bytes);
      return { name, path };
    });
    return { tarballs: await Promise.all(paths), nodeVersions };
  };
  const [result] = await runGates([rebuildGate], makeInput(folder, { packages: [item], builtOn, rebuild }));
  return result!;
}

async function messageFor(second: Buffer): Promise<string> {
  const { verdict, findings } = await judge({ "@acme/sound": second });
  expect(verdict).toBe("failed");
  expect(findings).toMatchObject([{ rule: "bytes-differ", package: "@acme/sound", severity: "error" }]);
  return findings[0]!.message;
}

describe("rebuildGate", () => {
  test("passes the same bytes, built elsewhere on another Node major, and names both", async () => {
    const options: Parameters<GateInput["rebuild"]>[0][] = [];
    const result = await judge({ "@acme/sound": first }, { seen: (seen) => options.push(seen) });
    expect(result).toMatchObject({
      verdict: "passed",
      checked: 1,
      findings: [],
      observed: { "first Node": "24.2.0", "second Node": "22.1.0" },
    });
    expect(result.inputs.map(({ name }) => name)).toEqual([
      "@acme/sound@1.0.0 tarball",
      "@acme/sound@1.0.0 tarball, built again",
    ]);
    expect(options).toMatchObject([{ nodeMajor: 22, folder: expect.stringContaining("scratch") }]);
  });

  test("names the file and the first byte that differs, and shows both sides", async () => {
    const second = makePackage(soundManifest, { ...soundFiles, "dist/index.js": "export const answer = 43;\n" });
    expect(await messageFor(second)).toBe(
      'dist/index.js differs. First difference at byte 23: 73776572203d2034323b0a ("swer = 42;.") against 73776572203d2034333b0a ("swer = 43;.").',
    );
  });

  test("shows where the shorter side ends", async () => {
    const second = makePackage(soundManifest, { ...soundFiles, "dist/index.js": "" });
    const message = await messageFor(second);
    expect(message).toContain('6578706f727420 ("export c") against nothing. Sizes: 26 and 0 bytes.'.slice(14));
  });

  test("names a file that only one side has", async () => {
    const { "dist/index.d.ts": _left, ...fewer } = soundFiles;
    expect(await messageFor(makePackage(soundManifest, fewer))).toBe("Only the first build has dist/index.d.ts.");
    const more = makePackage(soundManifest, { ...soundFiles, "dist/extra.js": "x" });
    expect(await messageFor(more)).toBe("Only the second build has dist/extra.js.");
  });

  test("sees another mode, another order and another compression of the same files", async () => {
    const files = { "package.json": JSON.stringify(soundManifest), ...soundFiles };
    const entries = Object.entries(files).map(([path, content]) => ({ path: `package/${path}`, content }));
    const [manifest, ...rest] = entries;
    expect(await messageFor(makeRawTarball([{ ...manifest!, mode: 0o755 }, ...rest]))).toBe(
      "package.json has mode 644 in the first build and 755 in the second.",
    );
    expect(await messageFor(makeRawTarball([...rest, manifest!]))).toContain("in another order");
    expect(await messageFor(gzipSync(gunzipSync(first), { level: 1 }))).toContain("their files are the same");
  });

  test("fails on a package that the second build lacks or adds", async () => {
    const missing = await judge({});
    expect(missing.verdict).toBe("failed");
    expect(rulesOf(missing)).toEqual(["nothing-checked", "package-missing"]);
    expect(rulesOf(await judge({ "@acme/sound": first, "@acme/new": first }))).toEqual(["package-extra"]);
  });

  test("does not list without end", async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`dist/${index}.js`, "x"]));
    const { findings } = await judge({ "@acme/sound": makePackage(soundManifest, { ...soundFiles, ...many }) });
    expect(findings).toHaveLength(21);
    expect(findings.some(({ message }) => message === "10 more files differ.")).toBe(true);
  });

  test.each([
    ["ran on the Node of the first", ["24.2.0"]],
    ["ran on it in one package", ["22.1.0", "24.2.0"]],
    ["does not say what it ran on", []],
  ])("fails when the second build %s, whatever was asked for", async (_what, nodeVersions) => {
    const result = await judge({ "@acme/sound": first }, { nodeVersions });
    expect(result.verdict).toBe("failed");
    expect(rulesOf(result)).toEqual(["node-not-other"]);
  });

  test("fails when the second build would run on a Node major of the first, or that is not known", async () => {
    const folder = await temporaryFolder();
    const item = await writePackage(folder, first);
    const judgeAfter = async (...versions: string[]): Promise<GateResult | undefined> => {
      const input = makeInput(folder, { packages: [item], builtOn: () => Promise.resolve(versions) });
      return (await runGates([rebuildGate], input))[0];
    };
    const same = { verdict: "failed", reason: expect.stringContaining("both are 22") };
    expect(await judgeAfter("24.2.0", "22.3.0")).toMatchObject(same);
    expect(await judgeAfter()).toMatchObject({ verdict: "failed", reason: expect.stringContaining("Nobody knows") });
  });

  test("fails when the second build fails, or the first tarball was changed since", async () => {
    const folder = await temporaryFolder();
    const item = await writePackage(folder, first);
    const rebuild = () => Promise.reject(new Error("tsup: exit 1"));
    const [broken] = await runGates([rebuildGate], makeInput(folder, { packages: [item], builtOn, rebuild }));
    expect(broken).toMatchObject({ verdict: "failed", reason: "tsup: exit 1" });
    await writeFile(item.tarball.path, makePackage({ ...soundManifest, version: "1.0.1" }, soundFiles));
    const honest = () =>
      Promise.resolve({ tarballs: [{ name: "@acme/sound", path: item.tarball.path }], nodeVersions: ["22.1.0"] });
    const input = makeInput(folder, { packages: [item], builtOn, rebuild: honest });
    const [changed] = await runGates([rebuildGate], input);
    expect(changed).toMatchObject({ verdict: "failed", reason: expect.stringContaining("not the one of the plan") });
  });
});
