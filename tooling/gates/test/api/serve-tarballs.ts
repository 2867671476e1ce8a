import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { readPackageTarball } from "../../src/archive/read-package-tarball.ts";
import { integrityOf } from "../make-tarball.ts";

/** Serves exactly these tarballs to real package managers, from loopback, until the test is over; gives the URL. */
export async function serveTarballs(paths: readonly string[]): Promise<string> {
  const packages = await Promise.all(paths.map(readTarball));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname).slice(1);
    const tarball = packages.find(({ file }) => file === path);
    const versions = packages.filter(({ manifest }) => manifest.name === path);
    if (tarball !== undefined) response.end(tarball.bytes);
    else if (versions.length === 0) response.writeHead(404).end("{}");
    else response.end(JSON.stringify(toPackument(path, versions, url)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return url;
}

interface Served {
  file: string;
  bytes: Buffer;
  manifest: { name: string; version: string };
}

async function readTarball(path: string): Promise<Served> {
  const bytes = await readFile(path);
  const text =
    readPackageTarball(bytes)
      .files.find((file) => file.path === "package.json")
      ?.bytes.toString() ?? "{}";
  const manifest = JSON.parse(text) as Served["manifest"];
  return { file: `${manifest.name}/-/${manifest.version}.tgz`, bytes, manifest };
}

function toPackument(name: string, versions: readonly Served[], url: string): object {
  const entries = versions.map(({ manifest, file, bytes }) => {
    const dist = { tarball: `${url}${file}`, integrity: integrityOf(bytes) };
    return [manifest.version, { ...manifest, dist }];
  });
  return { name, "dist-tags": { latest: versions.at(-1)?.manifest.version }, versions: Object.fromEntries(entries) };
}
