import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeEvidence } from "../../test/make-evidence.ts";
import { temporaryFolder } from "../../test/temporary-folder.ts";

// Who may do everything may list every folder.
const unprivileged = Number(process.getuid?.()) === 0 ? { uid: 65_534, gid: 65_534 } : {};

test.runIf(process.platform === "linux")(
  "says of a folder that may not be listed that nothing is compared",
  async () => {
    using folder = temporaryFolder();
    await makeEvidence(join(folder.path, "aaaa1111"), { isPrevious: true });
    await makeEvidence(join(folder.path, "bbbb2222"));
    const script = `
    import { findPrevious } from ${JSON.stringify(new URL("./find-previous.ts", import.meta.url).href)};
    const warnings = [];
    const previous = findPrevious(${JSON.stringify(join(folder.path, "bbbb2222"))}, (text) => warnings.push(text));
    console.log(JSON.stringify({ previous, warnings }));`;
    const args = ["--conditions=@hxp/source", "--input-type=module", "-e", script];
    const find = (mode: number): unknown => {
      chmodSync(folder.path, mode);
      const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", ...unprivileged });
      expect(stderr).toBe("");
      return JSON.parse(stdout);
    };
    expect(find(0o755)).toEqual({ previous: join(folder.path, "aaaa1111"), warnings: [] });
    expect(find(0o311)).toEqual({
      warnings: [
        `Nothing is compared: ${folder.path}, where the release before would lie, may not be listed (EACCES).`,
      ],
    });
    chmodSync(folder.path, 0o755);
  },
);
