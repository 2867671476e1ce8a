import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readBackPackages, type ReleasedPackage, verifyRegistrySignatures } from "@hxp/release-registry";
import { editJson, type Fault } from "../../test/faulty-front.ts";
import { type Fixture, startFixture } from "../../test/fixture.ts";
import { makeKey } from "../../test/make-package.ts";

interface Dist {
  integrity: string;
  shasum: string;
  signatures: { keyid: string; sig: string }[];
}

let fixture: Fixture;
let count = 0;
const stagingTag = "rel-1";

beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture[Symbol.asyncDispose]());
beforeEach(() => fixture.front.use(({ pass }) => pass()));

const stage = async (attested: string[] = []): Promise<ReleasedPackage> => {
  const pkg = fixture.pack({ name: `@local/back-${(count += 1)}`, attested });
  await fixture.direct.publish(pkg, stagingTag);
  return pkg;
};
const readBack = (packages: ReleasedPackage[], options: { timeoutMs?: number; pollMs?: number } = {}): Promise<void> =>
  readBackPackages({
    client: fixture.client,
    packages,
    stagingTag,
    keys: [fixture.key.entry],
    timeoutMs: 0,
    pollMs: 1,
    ...options,
  });
const editDist = (edit: (dist: Dist) => void): Fault => {
  return ({ asked, pass }) =>
    pass(
      /^GET \/@local\/[^/]+$/.test(asked)
        ? editJson((value: { versions: Record<string, { dist: Dist }> }) => {
            edit(value.versions["1.0.0"]!.dist);
          })
        : undefined,
    );
};

describe("readBackPackages", () => {
  test("passes what the registry serves byte for byte, with signatures and attestations", async () => {
    const packages = [await stage(), await stage(["https://slsa.dev/provenance/v1", "https://cyclonedx.org/bom"])];
    const notes: string[] = [];
    const keys = [fixture.key.entry];
    const onProgress = ({ note }: { note?: string }): void => void notes.push(note ?? "");
    await readBackPackages({ client: fixture.client, packages, stagingTag, keys, onProgress });
    expect(notes.toSorted()).toEqual(packages.map(({ name }) => `${name}@1.0.0`));
  });

  test("takes a version without a signature where none is asked for, and still refuses one that does not match", async () => {
    const packages = [await stage()];
    const { client, key, front } = fixture;
    const options = { client, packages, stagingTag, keys: [key.entry], requireSignatures: false, timeoutMs: 0 };
    front.use(editDist((dist) => (dist.signatures = [])));
    await readBackPackages(options);
    await expect(readBackPackages({ ...options, requireSignatures: true })).rejects.toMatchObject({
      code: "REGISTRY_SIGNATURE_BAD",
    });
    front.use(editDist(({ signatures }) => (signatures[0]!.sig = Buffer.alloc(70).toString("base64"))));
    await expect(readBackPackages(options)).rejects.toMatchObject({ code: "REGISTRY_SIGNATURE_BAD" });
  });

  test.each<[string, string, Fault]>([
    [
      "REGISTRY_BYTES_DIFFER",
      "other bytes",
      ({ asked, pass }) =>
        pass(asked.endsWith(".tgz") ? (bytes) => Buffer.concat([bytes, Buffer.from("x")]) : undefined),
    ],
    [
      "REGISTRY_BYTES_DIFFER",
      "one changed byte",
      ({ asked, pass }) =>
        pass(
          asked.endsWith(".tgz")
            ? (bytes) => Buffer.from(bytes.map((byte, index) => (index === 40 ? byte ^ 1 : byte)))
            : undefined,
        ),
    ],
    ["REGISTRY_BYTES_DIFFER", "dist.integrity", editDist((dist) => (dist.integrity = "sha512-AAAA"))],
    ["REGISTRY_BYTES_DIFFER", "dist.shasum", editDist((dist) => (dist.shasum = "0".repeat(40)))],
    ["REGISTRY_SIGNATURE_BAD", "no registry signature", editDist((dist) => (dist.signatures = []))],
    [
      "REGISTRY_SIGNATURE_BAD",
      "not a trusted key",
      editDist((dist) => dist.signatures.push({ keyid: "SHA256:foreign", sig: "AAAA" })),
    ],
    [
      "REGISTRY_SIGNATURE_BAD",
      "does not match",
      editDist((dist) => dist.signatures.forEach((one) => (one.sig = "MEQCIA=="))),
    ],
  ])("stops with %s at %s", async (code, _what, fault) => {
    const pkg = await stage();
    fixture.front.use(fault);
    await expect(readBack([pkg])).rejects.toMatchObject({ code, exitCode: 15 });
  });

  test.each([
    ["drops", (attestations: object[]) => void attestations.pop()],
    [
      "changes",
      (attestations: { bundle?: object }[]) => void (attestations[0]!.bundle = { dsseEnvelope: { payload: "e30=" } }),
    ],
  ])("stops when the registry %s an attestation", async (_what, edit) => {
    const pkg = await stage(["https://slsa.dev/provenance/v1"]);
    fixture.front.use(({ asked, pass }) =>
      pass(
        asked.includes("attestations")
          ? editJson((value: { attestations: object[] }) => edit(value.attestations))
          : undefined,
      ),
    );
    await expect(readBack([pkg])).rejects.toMatchObject({ code: "REGISTRY_SIGNATURE_BAD" });
  });

  test("waits until the registry has scanned the version and its tarball", async () => {
    const packages = [await stage(), await stage()];
    const late = packages[1]!.name;
    let hidden = 4;
    fixture.front.use(({ asked, response, pass }) => {
      const isHidden = asked.includes(late) && (asked.endsWith(".tgz") ? hidden > 0 : hidden > 2);
      if (!isHidden) return pass();
      hidden -= 1;
      return void response.writeHead(404).end();
    });
    await readBack(packages, { timeoutMs: 20_000 });
    expect(hidden).toBe(0);
  });

  test("says which versions did not become visible in time", async () => {
    const [shown, missing] = [await stage(), fixture.pack({ name: "@local/back-never" })];
    const failed = readBack([shown, missing], { timeoutMs: 30, pollMs: 10 });
    await expect(failed).rejects.toMatchObject({
      code: "REGISTRY_NOT_VISIBLE",
      details: { missing: ["@local/back-never@1.0.0"] },
    });
  });

  test("does not take a version without the staging tag for staged", async () => {
    const pkg = await stage();
    await fixture.direct.removeTag(pkg.name, stagingTag);
    await expect(readBack([pkg])).rejects.toMatchObject({ code: "REGISTRY_NOT_VISIBLE" });
  });

  test("stops waiting when it is aborted", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const packages = [fixture.pack({ name: "@local/back-never" })];
    const onProgress = (): void => controller.abort(reason);
    const { client } = fixture;
    const waiting = readBackPackages({ client, packages, stagingTag, keys: [], onProgress, signal: controller.signal });
    await expect(waiting).rejects.toMatchObject({ cause: reason });
  });
});

describe("verifyRegistrySignatures", () => {
  const pkg = { name: "a", version: "1.0.0", integrity: "sha512-x" };
  const verify = (key: ReturnType<typeof makeKey>, publishedAt?: string): void =>
    verifyRegistrySignatures({ ...pkg, signatures: [key.sign(pkg)], publishedAt }, [key.entry]);

  test("takes a key that expired after the publish, and none that had expired or may have", () => {
    const key = makeKey("2026-01-01T00:00:00.000Z");
    expect(() => verify(key, "2025-12-31T23:59:59.000Z")).not.toThrow();
    expect(() => verify(key, "2026-01-01T00:00:00.000Z")).toThrow(/expired/);
    expect(() => verify(key, "nonsense")).toThrow(/expired/);
    expect(() => verify(key)).toThrow(/expired/);
  });

  test("does not take a signature of another version, or a key that cannot be read", () => {
    const key = makeKey();
    const other = [key.sign({ ...pkg, version: "1.0.1" })];
    expect(() => verifyRegistrySignatures({ ...pkg, signatures: other }, [key.entry])).toThrow(/does not match/);
    const broken = { ...key.entry, key: "AAAA" };
    expect(() => verifyRegistrySignatures({ ...pkg, signatures: [key.sign(pkg)] }, [broken])).toThrow(/does not match/);
  });
});
