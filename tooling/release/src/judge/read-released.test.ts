import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCredential, createRegistryClient, startEmbeddedRegistry } from "@hxp/release-registry";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { packThirdParty, startThirdParties } from "../../test/support/third-parties.ts";
import { readPackedManifest } from "../evidence/read-packed-manifest.ts";
import { createHistory } from "./create-history.ts";
import { readPrevious } from "./read-previous.ts";
import { createReleasedReader } from "./read-released.ts";

/** A registry with versions of one package, `it`, and what reads them. */
async function startWith(versions: readonly string[]) {
  const data = temporaryFolder();
  const registry = await startEmbeddedRegistry({ folder: data, localNames: () => true, keys: () => [] });
  onTestFinished(() => registry.close());
  const credential = createCredential({ secret: registry.token, source: "test" });
  const client = createRegistryClient({ url: registry.url, credential });
  const folder = temporaryFolder();
  const packed = versions.map((version) => packThirdParty(folder, { name: "it", version }));
  for (const entry of packed) await client.publish(entry, "beta");
  const read = createReleasedReader({ client, folder });
  const paths = readdirSync(data, { recursive: true, encoding: "utf8" });
  return {
    previous: (version: string, expectedTag: string | null) =>
      readPrevious({ name: "it", version, expectedTag }, { client, read }),
    history: createHistory({ client, released: new Map([["it", "1.1.0"]]), read }),
    bytesOf: (version: string) => readFileSync(packed[versions.indexOf(version)]!.tarball),
    /** Where the registry keeps a tarball. */
    stored: (version: string) =>
      join(
        data,
        paths.find((path) => path.endsWith(`it-${version}.tgz`))!,
      ),
  };
}

describe("a released version", () => {
  test("comes with the bytes that the registry has", async () => {
    const { previous, history, bytesOf } = await startWith(["1.0.0", "1.1.0"]);
    const found = await previous("1.1.0", "1.0.0");
    expect(found?.version).toBe("1.0.0");
    expect(readFileSync(found!.tarball).equals(bytesOf("1.0.0"))).toBe(true);
    expect(await history("it", 5)).toEqual([found]);
  });

  test("does not take the place of another with a name like its own", async () => {
    const registry = await startThirdParties([]);
    onTestFinished(() => registry[Symbol.asyncDispose]());
    const names = ["foo_bar", "foo-bar", "@a/b-c", "@a-b/c"];
    const read = createReleasedReader({ client: registry.client, folder: temporaryFolder() });
    for (const name of names) {
      // oxlint-disable-next-line no-await-in-loop -- each goes to the same registry
      await registry.publish({ name, version: "1.0.0" });
    }
    const found = await Promise.all(names.map((name) => read(name, "1.0.0")));
    const manifests = found.map(({ tarball }) => readPackedManifest(tarball));
    expect(manifests.map((manifest) => manifest["name"])).toEqual(names);
  });

  test("whose tarball is gone is an error, and no first release", async () => {
    const { previous, history, stored } = await startWith(["1.0.0"]);
    rmSync(stored("1.0.0"));
    const refusal = { code: "REGISTRY_ANSWER_INVALID", message: expect.stringContaining("it@1.0.0 was released") };
    await expect(previous("1.1.0", "1.0.0")).rejects.toMatchObject(refusal);
    await expect(history("it", 5)).rejects.toMatchObject(refusal);
  });

  test("whose bytes are others than the registry's digest says is an error that names both", async () => {
    const { previous, history, stored, bytesOf } = await startWith(["1.0.0", "1.0.1"]);
    writeFileSync(stored("1.0.1"), bytesOf("1.0.0"));
    const refusal = { code: "REGISTRY_BYTES_DIFFER", message: expect.stringMatching(/it@1\.0\.1 .*sha512-.*sha512-/s) };
    await expect(previous("1.1.0", "1.0.1")).rejects.toMatchObject(refusal);
    await expect(history("it", 5)).rejects.toMatchObject(refusal);
  });

  test("that a tag names and the registry does not have is an error", async () => {
    const { previous } = await startWith(["1.0.0"]);
    await expect(previous("1.1.0", "1.0.7")).rejects.toMatchObject({ code: "REGISTRY_ANSWER_INVALID" });
  });
});

describe("the releases below a version", () => {
  test("are found below newer ones, however many, and none but them is asked for", async () => {
    const newer = Array.from({ length: 60 }, (_item, patch) => `2.0.${patch}`);
    const { history, stored } = await startWith(["1.9.8", "1.9.9", "1.10.0-beta.0", ...newer]);
    for (const version of ["1.9.8", "2.0.59"]) rmSync(stored(version));
    expect(await history("it", 1, "1.9.10")).toMatchObject([{ version: "1.9.9" }]);
    expect(await history("it", 1, "2.0.0-rc.0")).toMatchObject([{ version: "1.9.9" }]);
    expect(await history("it", 1, "1.9.8")).toEqual([]);
    await expect(history("it", 2, "1.9.10")).rejects.toMatchObject({ message: expect.stringContaining("it@1.9.8") });
  });
});

describe("the version before", () => {
  test("is the highest known one where the channel is new", async () => {
    const { previous } = await startWith(["1.0.0-beta.0", "1.0.0-beta.1"]);
    expect((await previous("1.0.0", null))?.version).toBe("1.0.0-beta.1");
  });

  test("is none only where the registry knows no other version", async () => {
    const { previous } = await startWith(["1.0.0"]);
    expect(await previous("1.0.0", null)).toBeUndefined();
  });
});
