import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/temporary-folder.ts";
import { observeSurroundings } from "./observe-surroundings.ts";

test("names no path of the machine, whether packages stand in the user's home or above it", async () => {
  const folder = await temporaryFolder();
  const home = join(folder, "user");
  const scratch = join(home, "my cache", "work");
  await mkdir(join(folder, "node_modules"));
  await mkdir(join(home, "my cache", "node_modules"), { recursive: true });
  const observations = observeSurroundings(scratch, home);
  expect(observations.map(({ message, fix }) => `${message} ${fix}`)).toEqual([
    "~/my cache/node_modules stands above the folder in which consumers are set up. Remove it: `rm -r ~/'my cache/node_modules'`.",
    "../../../node_modules, seen from the gate's scratch folder, stands above the folder in which consumers are set up. Remove it: `rm -r '../../../node_modules'`.",
  ]);
  expect(JSON.stringify(observeSurroundings(scratch, undefined))).not.toContain(folder);
});
