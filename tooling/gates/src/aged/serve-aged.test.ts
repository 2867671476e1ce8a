import { request } from "node:http";
import { expect, test } from "vitest";
import type { JsonObject } from "../gate.ts";
import { serveAged } from "./serve-aged.ts";

const registry = "http://127.0.0.1:9/release";
const upstream = {
  packument: async (name: string): Promise<JsonObject | undefined> =>
    name === "@other/leaf"
      ? { versions: { "1.0.0": { dist: { tarball: "http://127.0.0.1:9/other/files/leaf.tgz" } } } }
      : undefined,
};
const isOwn = (name: string): boolean => name === "@acme/app";

test("a tarball of a third party is where its packument says, and the registry of the release is not asked for it", async () => {
  await using aged = await serveAged({ registry, upstream, isOwn });
  const ask = async (path: string): Promise<string | number> => {
    const { status, headers } = await fetch(aged.url + path, { redirect: "manual" });
    return headers.get("location") ?? status;
  };
  expect(await ask("@other/leaf/-/leaf-1.0.0.tgz")).toBe("http://127.0.0.1:9/other/files/leaf.tgz");
  expect(await ask("@other%2fleaf/-/leaf-1.1.0.tgz")).toBe(404);
  expect(await ask("@other/leaf/1.0.0")).toBe(404);
  expect(await ask("@other/unknown")).toBe(404);
  expect(await ask("-/prefix/@other%2fleaf")).toBe(404);
  expect(await ask("-/npm/v1/keys")).toBe(`${registry}/-/npm/v1/keys`);
  expect(await ask("@acme/app/-/app-1.0.0.tgz")).toBe(`${registry}/@acme/app/-/app-1.0.0.tgz`);
});

test("another name for the machine, as a page in a browser could have one, gets no answer", async () => {
  await using aged = await serveAged({ registry, upstream, isOwn });
  const ask = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request(`${aged.url}@other/leaf`, { headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
  expect(await ask("rebound.example:80")).toBe(421);
  expect(await ask("localhost:1")).toBe(200);
  expect(await ask(new URL(aged.url).host)).toBe(200);
});
