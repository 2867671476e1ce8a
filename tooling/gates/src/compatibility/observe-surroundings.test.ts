import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/temporary-folder.ts";
import { observeSurroundings } from "./observe-surroundings.ts";

test("names no path of the machine, and gives a command only where it means the same in every folder", async () => {
  const folder = await temporaryFolder();
  const home = join(folder, "user");
  const scratch = join(home, "my cache", "work");
  await mkdir(join(folder, "node_modules"));
  await mkdir(join(home, "my cache", "node_modules"), { recursive: true });
  const observations = observeSurroundings(scratch, home);
  expect(observations.map(({ message, fix }) => `${message} ${fix}`)).toEqual([
    "~/my cache/node_modules stands above the folder in which consumers are set up. Remove it: `rm -r ~/'my cache/node_modules'`.",
    "A folder node_modules, 3 levels above the gate's scratch folder, stands above the folder in which consumers are set up. Remove the node_modules 3 levels above the gate's scratch folder, or release from a user whose home has none above it.",
  ]);
  const homeless = observeSurroundings(scratch, undefined);
  expect(homeless.map(({ message }) => message)).toEqual([
    expect.stringContaining("1 level above"),
    expect.stringContaining("3 levels above"),
  ]);
  expect(JSON.stringify(homeless)).not.toContain(folder);
  expect(JSON.stringify(homeless)).not.toContain("rm -r");
});
