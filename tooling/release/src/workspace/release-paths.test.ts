import { tmpdir } from "node:os";
import { isAbsolute, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { releasePaths } from "./release-paths.ts";

const state = "/workspace/.hxp";

test("what is kept lies in the state folder, what may be deleted outside of it", () => {
  const { cache, toolchain, work, ...kept } = releasePaths(state, { HOME: "/home/user" });
  for (const path of Object.values(kept)) expect(relative(state, path)).not.toMatch(/^\.\./);
  for (const path of [cache, toolchain, work]) expect(relative("/workspace", path)).toMatch(/^\.\./);
  expect(new Set(Object.values(kept)).size).toBe(Object.keys(kept).length);
});

test("two workspaces share tools and no work", () => {
  const [one, two] = [state, "/other/.hxp"].map((folder) => releasePaths(folder, { HOME: "/home/user" }));
  expect(one?.toolchain).toBe(two?.toolchain);
  expect(one?.work).not.toBe(two?.work);
  expect(releasePaths(state, { HOME: "/home/user" })).toEqual(one);
});

describe("the cache", () => {
  test.each([
    [{ XDG_CACHE_HOME: "/cache", HOME: "/home/user" }, "/cache/hxp-release"],
    [{ HOME: "/home/user" }, "/home/user/.cache/hxp-release"],
    [{ XDG_CACHE_HOME: "", HOME: "/home/user" }, "/home/user/.cache/hxp-release"],
    [{ XDG_CACHE_HOME: "relative", HOME: "/home/user" }, "/home/user/.cache/hxp-release"],
    [{ HOME: "" }, `${tmpdir()}/hxp-release`],
    [{}, `${tmpdir()}/hxp-release`],
  ])("with %o is %s", (env, expected) => {
    const { cache } = releasePaths(state, env);
    expect(cache).toBe(expected);
    expect(isAbsolute(cache)).toBe(true);
  });
});
