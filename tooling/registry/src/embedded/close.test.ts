import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import {
  createCredential,
  createRegistryClient,
  type RegistryClient,
  startEmbeddedRegistry,
} from "@hxp/release-registry";
import { makeFolder } from "../../test/fixture.ts";
import { makePackage } from "../../test/make-package.ts";

const start = (folder: string) =>
  startEmbeddedRegistry({ folder, localNames: (name) => name.startsWith("@local/"), keys: () => [] });
const clientOf = ({ url, token }: { url: string; token: string }, signal?: AbortSignal): RegistryClient =>
  createRegistryClient({ url, credential: createCredential({ secret: token, source: "test" }), retries: 0, signal });

test.each(["the attestations", "the tarball", "the version"])(
  "a publish whose client leaves once %s can be read on disk is whole when the registry is closed, or not there",
  async (written) => {
    using folder = makeFolder();
    const store = join(folder.path, "registry");
    for (let round = 0; round < 5; round += 1) {
      const name = `@local/left-${round}`;
      const pkg = makePackage(folder.path, { name, attested: ["https://slsa.dev/provenance/v1"] });
      const packument = join(store, "packages", name, "package.json");
      const isWritten = {
        "the attestations": () => existsSync(join(store, "attestations", encodeURIComponent(name), "1.0.0.json")),
        "the tarball": () => existsSync(join(store, "packages", name, `left-${round}-1.0.0.tgz`)),
        "the version": () => existsSync(packument) && readFileSync(packument, "utf8").includes(pkg.integrity),
      }[written]!;
      const registry = await start(store);
      const leaving = new AbortController();
      const publish = clientOf(registry, leaving.signal).publish(pkg, "staged");
      publish.catch(() => {});
      while (!isWritten()) await turn();
      leaving.abort(new Error("left"));
      await registry.close();
      await using again = await start(store);
      const stored = await clientOf(again).readPackument(name);
      if (stored === undefined) continue;
      expect(await clientOf(again).readAttestations(name, "1.0.0")).toEqual(pkg.attestations);
      expect(await clientOf(again).readTarball(name, "1.0.0")).toEqual(readFileSync(pkg.tarball));
    }
  },
);
