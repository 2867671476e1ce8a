import { join } from "node:path";
import type { JsonObject } from "@hxp/release-gates";
import { expect, test } from "vitest";
import { judgePackages, packageIn, patch, release } from "../../../test/api/release-state.ts";
import { serveTarballs } from "../../../test/api/serve-tarballs.ts";
import { writeFiles } from "../../../test/install-workspace.ts";
import { writePackage } from "../../../test/make-input.ts";
import { makePackage } from "../../../test/make-tarball.ts";
import { serveRegistry } from "../../../test/serve-registry.ts";
import { temporaryFolder } from "../../../test/temporary-folder.ts";

test("the last release is installed without a third party's version that is too young", async () => {
  const folder = await temporaryFolder();
  const own = {
    manifest: { bin: { tool: "./tool.js" }, dependencies: { third: "^1.0.0" } },
    files: { "tool.js": `import { flags } from "third"; console.log(\`Usage: tool\\n\\nOptions:\\n\${flags}\`);\n` },
  };
  const it = await release(folder, "it", patch(own, own));
  const third = (version: string, ...names: string[]) => ({
    manifest: { name: "third", version, type: "module", exports: "./index.js" },
    files: {
      "index.js": `export const flags = ${JSON.stringify(names.map((name) => `  --${name}  x`).join("\n"))};\n`,
    },
  });
  const [old, young] = [third("1.0.0", "a"), third("1.1.0", "a", "b")];
  await writeFiles(join(folder, "it/node_modules/third"), { "package.json": old.manifest, ...old.files });
  await using upstream = await serveRegistry(
    [old.manifest, young.manifest],
    { "third@1.0.0": old.files, "third@1.1.0": young.files },
    { "third@1.1.0": "2026-11-23T11:00:00.000Z" },
  );
  const packed = await Promise.all(
    [old, young].map(({ manifest, files }) =>
      writePackage(folder, makePackage(manifest, files), { name: `third-${manifest.version}` }),
    ),
  );
  const result = await judgePackages(folder, [it], {
    serve: (tarballs) => serveTarballs([...tarballs, ...packed.map(({ tarball }) => tarball.path)]),
    upstream: {
      packument: async (name) => (await (await fetch(`${upstream.url}${name}`)).json()) as JsonObject,
      keys: () => Promise.resolve([]),
      attestations: () => Promise.resolve(undefined),
    },
  });
  expect(result.findings).toEqual([]);
  expect(packageIn(result)).toMatchObject({ changes: [], surface: { bins: 1, commands: 1 } });
});
