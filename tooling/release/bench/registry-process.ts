import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startEmbeddedRegistry } from "@hxp/release-registry";
import { getOneMessage, sendMessage } from "execa";
import { readRegistryKeys } from "../src/registry/open-registry.ts";
import { channel, scope } from "./make-workspace.ts";
import type { ClosedRegistry, OpenRequest, ServedRegistry } from "./registry-host.ts";

/** The program of registry-host.ts: one registry after the other, each on the folder that is asked for. */
for (;;) await serveOne((await getOneMessage()) as OpenRequest);

async function serveOne({ folder, trust, version }: OpenRequest): Promise<void> {
  const movedAt = new Map<string, number>();
  const registry = await startEmbeddedRegistry({
    folder,
    localNames: (name) => name.startsWith(`${scope}/`),
    keys: () => readRegistryKeys(trust),
    log: (line) => {
      const name = writtenPackage(line);
      if (name === undefined || movedAt.has(name)) return;
      if (readChannel(folder, name) === version) movedAt.set(name, performance.now());
    },
  });
  const { url, token } = registry;
  await sendMessage({ url, token } satisfies ServedRegistry);
  await getOneMessage();
  await registry.close();
  await sendMessage({ movedAt: [...movedAt.values()] } satisfies ClosedRegistry);
}

/** The package that a line of the registry's log says was written: `PUT /-/package/@a%2fb/dist-tags/latest 201 3 ms`. */
function writtenPackage(line: string): string | undefined {
  const [, path] = /^(?:PUT|POST|DELETE) (\S+) 20\d /.exec(line) ?? [];
  return path === undefined ? undefined : /@[\w-]+\/[\w.-]+/.exec(decodeURIComponent(path))?.[0];
}

/** Looks at what is stored, not at what was asked: how a contender moves its tag makes no difference. */
function readChannel(folder: string, name: string): string | undefined {
  const text = readFileSync(join(folder, "packages", name, "package.json"), "utf8");
  return (JSON.parse(text) as { "dist-tags": Record<string, string> })["dist-tags"][channel];
}
