import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createCredential,
  createRegistryClient,
  promotePackages,
  readBackPackages,
  type ReleasedPackage,
  stagePackages,
  startEmbeddedRegistry,
} from "@hxp/release-registry";

const folder = await mkdtemp(join(tmpdir(), "registry-example-"));
const tarball = join(folder, "tool-1.0.0.tgz");
const bytes = Buffer.from("what `pnpm pack` wrote");
await writeFile(tarball, bytes);
const tool: ReleasedPackage = {
  name: "@example/tool",
  version: "1.0.0",
  tarball,
  integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
  manifest: { name: "@example/tool", version: "1.0.0" },
  access: "public",
  signatures: [],
  attestations: [],
};

const localNames = (name: string): boolean => name.startsWith("@example/");
const registry = await startEmbeddedRegistry({ folder: join(folder, "registry"), localNames, keys: () => [] });
const credential = createCredential({ secret: registry.token, source: "embedded registry" });
const client = createRegistryClient({ url: registry.url, credential });
const release = { client, packages: [tool], stagingTag: "release-1" };

await stagePackages(release);
await readBackPackages({ ...release, keys: [] });
await promotePackages({ ...release, channel: "latest", expectedTags: { "@example/tool": undefined } });
console.log(await client.readTags("@example/tool")); // { latest: "1.0.0" }

await registry.close();
await rm(folder, { recursive: true });
