import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReleasedPackage } from "@hxp/release-registry";
import { createPublishBody } from "../client/publish-body.ts";
import { type Fixture, startFixture } from "../../test/fixture.ts";
import { makeAttestation } from "../../test/make-package.ts";
import { sendRaw } from "../../test/send-raw.ts";

interface PublishDocument {
  name: string;
  versions: Record<string, Record<string, unknown> & { version: string; dist: Record<string, unknown> }>;
  "dist-tags": Record<string, string>;
  _attachments: Record<string, { data: string }>;
}

let fixture: Fixture;
let count = 0;

beforeAll(async () => {
  fixture = await startFixture({ bodyLimit: 100_000 });
});
afterAll(() => fixture[Symbol.asyncDispose]());

const pack = (attested: string[] = []): ReleasedPackage =>
  fixture.pack({ name: `@local/publish-${(count += 1)}`, attested });
const documentOf = (pkg: ReleasedPackage): PublishDocument => {
  const body = createPublishBody(pkg, readFileSync(pkg.tarball), { tag: "staged", url: fixture.registry.url });
  return structuredClone(body) as unknown as PublishDocument;
};
const put = (name: string, body: unknown, headers: Record<string, string> = {}) =>
  sendRaw(fixture.registry.url, `/${name.replace("/", "%2f")}`, {
    method: "PUT",
    body,
    headers,
    token: fixture.registry.token,
  });

describe("a publish", () => {
  test.each<[string, (document: PublishDocument) => void]>([
    ["dist.integrity names other bytes", ({ versions }) => void (versions["1.0.0"]!.dist["integrity"] = "sha512-AAAA")],
    ["dist.integrity is missing", ({ versions }) => void delete versions["1.0.0"]!.dist["integrity"]],
    ["dist.shasum names other bytes", ({ versions }) => void (versions["1.0.0"]!.dist["shasum"] = "0".repeat(40))],
    ["the attachment has other bytes", ({ _attachments: files }) => void (Object.values(files)[0]!.data = "AAAA")],
    ["there is a second tarball", ({ _attachments: files }) => void (files["other-1.0.0.tgz"] = { data: "AAAA" })],
    [
      "there is an attachment of another kind",
      ({ _attachments: files }) => void (files["notes.txt"] = { data: "AAAA" }),
    ],
    [
      "there are two versions",
      ({ versions }) => void (versions["2.0.0"] = { ...versions["1.0.0"]!, version: "2.0.0" }),
    ],
    ["a tag points to another version", (document) => void (document["dist-tags"]["latest"] = "0.0.1")],
    ["the manifest is another package's", ({ versions }) => void (versions["1.0.0"]!["name"] = "@local/other")],
    [
      "an attestation is about other bytes",
      ({ _attachments: files }) =>
        void (files["x.sigstore"] = { data: JSON.stringify(makeAttestation("t", Buffer.from("other")).bundle) }),
    ],
    ["an attestation is none", ({ _attachments: files }) => void (files["x.sigstore"] = { data: "{}" })],
  ])("is refused when %s", async (what, edit) => {
    const pkg = pack();
    const document = documentOf(pkg);
    edit(document);
    const answer = await put(pkg.name, document);
    expect(answer.status).toBe(400);
    if (what.startsWith("dist.")) expect(answer.body.toString()).toContain("the tarball's is");
    expect(await fixture.direct.readPackument(pkg.name)).toBeUndefined();
    expect((await put(pkg.name, documentOf(pkg))).status).toBe(201);
  });

  test("of a version that exists is refused, and changes neither its bytes nor its attestations", async () => {
    const pkg = pack(["https://slsa.dev/provenance/v1"]);
    await fixture.direct.publish(pkg, "staged");
    const other = { ...fixture.pack({ name: pkg.name, content: "// other", attested: ["https://evil.example/"] }) };
    const answer = await put(pkg.name, documentOf(other));
    expect([answer.status, answer.json()]).toEqual([409, { error: expect.stringContaining(pkg.integrity) }]);
    expect(await fixture.direct.readTarball(pkg.name, "1.0.0")).toEqual(
      readFileSync(fixture.pack({ name: pkg.name }).tarball),
    );
    expect(await fixture.direct.readAttestations(pkg.name, "1.0.0")).toEqual(pkg.attestations);
  });

  test("of one version by two at once is taken once", async () => {
    const pkg = pack();
    const answers = await Promise.all([1, 2, 3].map(() => put(pkg.name, documentOf(pkg))));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
  });

  test("may be zipped, and is not let grow beyond the limit by it", async () => {
    const pkg = pack();
    const zip = { "content-encoding": "gzip" };
    expect((await put(pkg.name, gzipSync(JSON.stringify(documentOf(pkg))), zip)).status).toBe(201);
    expect((await put(pkg.name, gzipSync("x".repeat(1_000_000)), zip)).status).toBe(413);
    expect((await put(pkg.name, Buffer.from("no gzip"), zip)).status).toBe(400);
    expect((await put(pkg.name, Buffer.from("{no json"))).status).toBe(400);
    expect((await put(pkg.name, {})).status).toBe(400);
  });

  test("that does not say how large it is may not be too large either", async () => {
    const chunked = { "transfer-encoding": "chunked" };
    expect((await put("@local/chunked", Buffer.alloc(150_000, " "), chunked)).status).toBe(413);
  });

  test("that is too large is refused before it is read", async () => {
    const pkg = fixture.pack({
      name: "@local/publish-large",
      content: Buffer.from(Array.from({ length: 90_000 }, () => Math.random() * 256)),
    });
    await expect(fixture.direct.publish(pkg, "staged")).rejects.toMatchObject({ details: { status: 413 } });
  });
});
