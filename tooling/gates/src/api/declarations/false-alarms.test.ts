import { globSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { apiGate, runGates } from "@hxp/release-gates";
import { packageIn } from "../../../test/api/release-state.ts";
import { makeInput, writePackage } from "../../../test/make-input.ts";
import { makePackage } from "../../../test/make-tarball.ts";
import { temporaryFolder } from "../../../test/temporary-folder.ts";

/** Files of an installed package. */
function readInstalled(name: string): { folder: string; files: Record<string, Buffer> } {
  const folder = realpathSync(join(import.meta.dirname, "../../../node_modules", name));
  const paths = globSync("**/*", { cwd: folder, exclude: ["**/node_modules/**", "**/*.map"] });
  const files = paths.filter((path) => statSync(join(folder, path)).isFile() && path.length < 90);
  return { folder, files: Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path))])) };
}

describe("a package that others wrote, with one export more in each file", () => {
  test.each(["yaml", "acorn", "@sigstore/bundle", "micromark-extension-gfm"])(
    "%s shows that and nothing else",
    async (name) => {
      const folder = await temporaryFolder();
      const installed = readInstalled(name);
      const manifest = JSON.parse(String(installed.files["package.json"])) as { version: string };
      const pack = (version: string, text: string): Buffer => {
        const files = Object.entries(installed.files).filter(([path]) => path !== "package.json");
        const added = files.map(([path, bytes]): [string, Buffer] => {
          return [path, /\.d\.[cm]?ts$/.test(path) ? Buffer.concat([bytes, Buffer.from(text)]) : bytes];
        });
        return makePackage({ ...manifest, version, bin: undefined }, Object.fromEntries(added));
      };
      const last = await writePackage(join(folder, "last"), pack("1.0.0", ""), { name });
      const item = await writePackage(folder, pack("1.1.0", "\nexport type AddedByTheTest = 1;\n"), {
        name,
        version: "1.1.0",
        folder: "it",
        previous: { version: "1.0.0", tarball: last.tarball.path },
      });
      const input = makeInput(installed.folder, {
        packages: [{ ...item, folder: "." }],
        scratch: join(folder, "scratch"),
      });
      const [result] = await runGates([apiGate], input);
      const { changes, unknown } = packageIn(result!, name);
      const names = changes.map(({ where, change, bump }) => `${where.replace(/^.*(: |\.)/, "")} ${change} ${bump}`);
      expect([...new Set(names)]).toEqual(["AddedByTheTest added minor"]);
      expect(unknown).toEqual([]);
    },
  );
});
