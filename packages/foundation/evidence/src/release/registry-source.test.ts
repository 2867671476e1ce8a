import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openRegistrySource, type RegistrySourceOptions } from "@hxp/evidence/release";

/** A registry on loopback, and what it was asked. */
async function serve(answer: RequestListener): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/npm`, asked };
}

const open = (url: string, options: Partial<RegistrySourceOptions> = {}) => openRegistrySource({ url, ...options });
const name = "@demo/core";

/** Serves one version whose tarball has some bytes. */
function serveDocument(bytes: string, changes: object = {}): RequestListener {
  return (request, response) => {
    const { url = "" } = request;
    if (url.endsWith(".tgz")) {
      response.end(bytes);
      return;
    }
    if (url.includes("attestations")) {
      response.end(JSON.stringify({ attestations: [{ predicateType: "x:y", bundle: {} }] }));
      return;
    }
    const tarball = `http://${request.headers.host}/npm/@demo/core/-/core-1.0.0.tgz`;
    const document = {
      name,
      "dist-tags": { latest: "1.0.0" },
      versions: { "1.0.0": { dist: { tarball } } },
      ...changes,
    };
    response.end(JSON.stringify(document));
  };
}

test("reads document, tarball and statements below the registry's path", async () => {
  const { url, asked } = await serve(serveDocument("bytes"));
  const source = open(url);
  const document = await source.readPackument(name);
  expect(document?.["dist-tags"]).toEqual({ latest: "1.0.0" });
  expect(Buffer.from((await source.readTarball(name, "1.0.0", document)) ?? "").toString()).toBe("bytes");
  expect(await source.readAttestations(name, "1.0.0")).toEqual([{ predicateType: "x:y", bundle: {} }]);
  expect(asked).toEqual([
    "/npm/@demo%2fcore",
    "/npm/@demo/core/-/core-1.0.0.tgz",
    "/npm/-/npm/v1/attestations/@demo%2fcore@1.0.0",
  ]);
});

test("what is not there is undefined, and so is what an object inherits", async () => {
  const { url } = await serve((_request, response) => void response.writeHead(404).end());
  expect(await open(url).readPackument(name)).toBeUndefined();
  expect(await open(url).readAttestations(name, "1.0.0")).toBeUndefined();
  const known = await serve(serveDocument("bytes"));
  expect(await open(known.url).readTarball(name, "constructor")).toBeUndefined();
});

test.each([
  ["another package's document", serveDocument("", { name: "other" }), "it is the document of other"],
  ["no JSON", ((_request, response) => void response.end("<html>")) satisfies RequestListener, "it is not JSON"],
  ["another shape", serveDocument("", { versions: { "1.0.0": {} } }), "versions.1.0.0.dist"],
])("refuses %s", async (_what, answer, why) => {
  const { url } = await serve(answer);
  const failed = open(url).readPackument(name);
  await expect(failed).rejects.toMatchObject({ code: "REGISTRY_ANSWER_INVALID" });
  await expect(failed).rejects.toThrow(why);
});

test("refuses a tarball that is too large before it has read all of it, and one without an address", async () => {
  const { url } = await serve(serveDocument("x".repeat(1_000)));
  await expect(open(url, { maximumTarballBytes: 100 }).readTarball(name, "1.0.0")).rejects.toThrow("over 100 bytes");
  const versions = { "1.0.0": { dist: { tarball: "file:///etc/passwd" } } };
  const odd = await serve(serveDocument("", { versions }));
  await expect(open(odd.url).readTarball(name, "1.0.0")).rejects.toThrow("its tarball has no address");
});

test("ends a call that hangs, and ends with the signal's reason", async () => {
  const { url } = await serve((_request, response) => void response.write("{"));
  await expect(open(url, { timeoutMs: 100 }).readPackument(name)).rejects.toMatchObject({
    code: "REGISTRY_UNREACHABLE",
  });
  const controller = new AbortController();
  const reading = open(url, { signal: controller.signal }).readPackument(name);
  setTimeout(() => controller.abort(new Error("stopped")), 50);
  await expect(reading).rejects.toThrow("stopped");
});

test("a server error says which registry, and a closed port too", async () => {
  const { url } = await serve((_request, response) => void response.writeHead(503).end());
  await expect(open(url).readPackument(name)).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
  await expect(open("http://127.0.0.1:9/").readPackument(name)).rejects.toThrow("127.0.0.1:9");
});

test.each(["ftp://host/", "no address", "https://user:secret@host/"])("takes no address like %s", (url) => {
  expect(() => open(url)).toThrow(expect.objectContaining({ code: "USAGE_INVALID" }));
});

test("asks for no name that could lead elsewhere", async () => {
  const { url, asked } = await serve(serveDocument(""));
  for (const odd of ["../etc", "a/b", "@a/../b", "A B"]) {
    await expect(open(url).readPackument(odd)).rejects.toMatchObject({ code: "USAGE_INVALID" });
  }
  expect(asked).toEqual([]);
});
