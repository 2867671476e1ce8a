import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { root } from "./workspace-files.ts";

const run = promisify(execFile);

/** Makes reading a file take longer the earlier, or the later, its path stands in the alphabet. */
const slowDown = (order: "earlier" | "later"): string => `
  import fs from "node:fs";
  import { syncBuiltinESMExports } from "node:module";
  const read = fs.promises.readFile;
  fs.promises.readFile = async (path, ...rest) => {
    const name = String(path).split("/").at(-1);
    const rank = name.charCodeAt(0) - 97;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, ${order === "later" ? "rank" : "26 - rank"}) * 2));
    return read(path, ...rest);
  };
  syncBuiltinESMExports();
`;

test("declarations are the same in whatever order the disk gives the files", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "hxp-declarations-"));
  try {
    const build = async (order: "earlier" | "later"): Promise<string> => {
      const preload = `data:text/javascript,${encodeURIComponent(slowDown(order))}`;
      const out = join(folder, order);
      await run("tsup", ["--config", join(root, "tsup.config.ts"), "--out-dir", out], {
        cwd: join(root, "packages/foundation/evidence"),
        env: {
          ...process.env,
          PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}`,
          NODE_OPTIONS: `--import=${preload}`,
        },
      });
      return readFileSync(join(out, "index.d.ts"), "utf8");
    };
    expect(await build("earlier")).toBe(await build("later"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
