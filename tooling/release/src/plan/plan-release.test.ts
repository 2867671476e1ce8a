import type { RegistryState } from "@hxp/release-registry";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeWorkspace, type TestWorkspaceParts } from "../../test/support/make-workspace.ts";
import { type PlanInput, planRelease, sourceKey } from "./plan-release.ts";

const nobody = { tags: {}, versions: {} };

/** A registry that has one version of a package, under these tags. */
function having(name: string, version: string, tags: Record<string, string> = { latest: version }): RegistryState {
  return { [name]: { tags, versions: { [version]: { integrity: "sha512-x" } } } };
}

type Changes = Partial<Omit<PlanInput, "registry" | "workspace">> & { state?: RegistryState };

function makeInput(parts: TestWorkspaceParts, { state = {}, ...changes }: Changes = {}): PlanInput {
  return {
    workspace: makeWorkspace(parts),
    source: { commit: "a".repeat(40), tree: "b".repeat(40), time: 1_700_000_000, dirty: [], branch: "main" },
    prefix: "",
    repository: null,
    channel: "latest",
    snapshot: false,
    registry: { name: "local", identity: "embedded:1", state },
    lockfile: "d".repeat(64),
    config: "e".repeat(64),
    history: { rolledBack: new Map(), trees: new Map() },
    folderTrees: {},
    restore: false,
    ...changes,
  };
}

const core = { name: "core", version: "1.0.0" };

/** The draft's packages; an outcome without a draft fails the test. */
function planned(parts: TestWorkspaceParts, changes: Changes = {}) {
  const outcome = planRelease(makeInput(parts, changes));
  if (outcome.type === "nothing") throw new Error(`nothing to release: ${JSON.stringify(outcome)}`);
  return outcome.draft.packages;
}

describe("a package is released", () => {
  test("when it was never published, at the version that its manifest has", () => {
    expect(planned({ packages: [core] }, { state: { core: nobody } })).toEqual([
      {
        name: "core",
        version: "1.0.0",
        oldVersion: "1.0.0",
        bump: "none",
        reasons: ["It was never published."],
        folder: "packages/core",
        rank: 0,
        access: "public",
        expectedTag: null,
        onRegistry: false,
      },
    ]);
  });

  test("when its version is not among the published ones", () => {
    const [only] = planned({ packages: [core] }, { state: having("core", "0.9.0") });
    expect(only).toMatchObject({
      reasons: ["Version 1.0.0 is not on the registry."],
      expectedTag: "0.9.0",
      onRegistry: false,
    });
  });

  test("when a changeset bumps it, with the first line of each changeset's text, once", () => {
    const parts = { packages: [core], changesets: [{ core: "patch" }, { core: "minor" }] } as const;
    const [only] = planned(parts, { state: having("core", "1.0.0") });
    expect(only).toMatchObject({
      version: "1.1.0",
      oldVersion: "1.0.0",
      bump: "minor",
      reasons: ["Change 0.", "Change 1."],
    });
  });

  test("when what it depends on moves out of its range", () => {
    const app = { name: "app", version: "1.0.0", dependencies: { core: "workspace:^" } };
    const packages = planned({ packages: [app, core], changesets: [{ core: "major" }] });
    expect(packages.map(({ name, version, rank, reasons }) => [name, version, rank, reasons])).toEqual([
      ["core", "2.0.0", 0, ["Change 0."]],
      ["app", "1.0.1", 1, ["A package it depends on is released."]],
    ]);
  });

  test("as a major when its peer range narrows, and says so", () => {
    const app = { name: "app", version: "1.0.0", peerDependencies: { core: "workspace:^" } };
    const [, second] = planned({ packages: [app, core], changesets: [{ core: "major" }] });
    expect(second).toMatchObject({
      name: "app",
      version: "2.0.0",
      bump: "major",
      reasons: ["The peer range of core narrows from ^1.0.0 to ^2.0.0."],
    });
  });

  test("when an earlier release staged it and did not end", () => {
    const [only] = planned({ packages: [core] }, { state: having("core", "1.0.0", { "staging-0123": "1.0.0" }) });
    expect(only).toMatchObject({ reasons: ["It was staged by a release that did not end."], onRegistry: true });
  });

  test("when a release that was given up left it on the registry, whatever tag it has there", () => {
    const history = { rolledBack: new Map(), trees: new Map(), abandoned: new Set(["core@1.0.0"]) };
    const [only] = planned({ packages: [core] }, { state: having("core", "1.0.0"), history });
    expect(only).toMatchObject({ reasons: ["It was staged by a release that did not end."], onRegistry: true });
  });

  test("when its changesets make a version that the registry has from elsewhere, so that the bytes are compared", () => {
    const [only] = planned({ packages: [core], changesets: [{ core: "patch" }] }, { state: having("core", "1.0.1") });
    expect(only).toMatchObject({
      version: "1.0.1",
      onRegistry: true,
      reasons: ["The registry has it from elsewhere; it must be the same, to the byte."],
    });
  });
});

describe("there is nothing to release", () => {
  test("when the registry has every version", () => {
    expect(planRelease(makeInput({ packages: [core] }, { state: having("core", "1.0.0") }))).toEqual({
      type: "nothing",
      current: [{ name: "core", version: "1.0.0" }],
      warnings: [],
    });
  });

  test.each([{ next: "1.0.0" }, { latest: "1.0.0", "staging-0123": "1.0.0" }, {}, { "staging-0123": "0.9.0" }])(
    "when the version is there under %o",
    (tags) => {
      expect(planRelease(makeInput({ packages: [core] }, { state: having("core", "1.0.0", tags) })).type).toBe(
        "nothing",
      );
    },
  );

  test("when the journal knows the version as released, even if its channel was taken away", () => {
    const history = { rolledBack: new Map(), trees: new Map([["core@1.0.1", []]]) };
    const state = having("core", "1.0.1", { "staging-0123": "1.0.1" });
    const parts = { packages: [core], changesets: [{ core: "patch" }] } as const;
    expect(planRelease(makeInput(parts, { state, history })).type).toBe("nothing");
  });

  test("of private packages, not even with a changeset", () => {
    const parts: TestWorkspaceParts = {
      packages: [core, { name: "tool", version: "1.0.0", private: true }],
      changesets: [{ tool: "major" }],
      config: { privatePackages: { version: true, tag: false } },
    };
    expect(planRelease(makeInput(parts, { state: having("core", "1.0.0") })).type).toBe("nothing");
  });

  test("and a workspace of private packages only is an error", () => {
    const input = makeInput({ packages: [{ ...core, private: true }] });
    expect(() => planRelease(input)).toThrow(expect.objectContaining({ code: "WORKSPACE_INVALID" }));
  });

  test("but a package whose folder changed without a changeset is warned of", () => {
    const folderTrees = { "packages/core": "tree-2" };
    const state = having("core", "1.0.0");
    const warningsAfter = (trees: string[], now: Record<string, string> = folderTrees): string[] => {
      const history = { rolledBack: new Map(), trees: new Map([["core@1.0.0", trees]]) };
      const outcome = planRelease(makeInput({ packages: [core] }, { state, history, folderTrees: now }));
      return outcome.type === "nothing" ? outcome.warnings : outcome.draft.warnings;
    };
    expect(warningsAfter(["tree-1"])).toEqual([
      "core has changed since 1.0.0 was released and has no changeset; `pnpm changeset` adds one.",
    ]);
    expect(warningsAfter(["tree-1", "tree-2"])).toEqual([]);
    expect(warningsAfter(["tree-1"], {})).toEqual([]);
  });

  test("and the warning goes with the plan of the others", () => {
    const history = { rolledBack: new Map(), trees: new Map([["core@1.0.0", ["tree-1"]]]) };
    const outcome = planRelease(
      makeInput(
        { packages: [core, { name: "other", version: "1.0.0" }] },
        { state: having("core", "1.0.0"), history, folderTrees: { "packages/core": "tree-2" } },
      ),
    );
    expect(outcome).toMatchObject({
      type: "release",
      draft: { packages: [{ name: "other" }], warnings: [expect.stringContaining("core has changed")] },
    });
  });
});

describe("a version that was rolled back", () => {
  const history = { rolledBack: new Map([["core@1.0.0", "it loses data"]]), trees: new Map() };
  const state = having("core", "1.0.0", {});

  test("is refused, with the reason", () => {
    expect(() => planRelease(makeInput({ packages: [core] }, { state, history }))).toThrow(
      expect.objectContaining({ code: "VERSION_ROLLED_BACK", message: expect.stringContaining("it loses data") }),
    );
  });

  test("by another checkout is refused as well: the registry tells of it", () => {
    const parts = { packages: [core], changesets: [{ core: "patch" }] } as const;
    const told = { core: { tags: {}, versions: { "1.0.1": { integrity: "sha512-x", deprecated: "it burns" } } } };
    expect(() => planRelease(makeInput(parts, { state: told }))).toThrow(
      expect.objectContaining({ code: "VERSION_ROLLED_BACK", message: expect.stringContaining("it burns") }),
    );
    const own = { core: { tags: {}, versions: { "1.0.0": { integrity: "sha512-x", deprecated: "old" } } } };
    expect(planRelease(makeInput({ packages: [core] }, { state: own })).type).toBe("nothing");
  });

  test("is released again with --restore", () => {
    const [only] = planned({ packages: [core] }, { state, history, restore: true });
    expect(only?.reasons).toEqual(["It was rolled back (it loses data) and is released again."]);
  });

  test("stands in nobody's way when a changeset makes the next one", () => {
    expect(planned({ packages: [core], changesets: [{ core: "patch" }] }, { state, history })).toMatchObject([
      { version: "1.0.1" },
    ]);
  });
});

describe("a channel takes only what fits", () => {
  const preState = { mode: "pre", tag: "next" } as const;
  const pre = { packages: [core], changesets: [{ core: "minor" }], preState } as const;

  test("latest takes no prerelease; a channel of its own does", () => {
    expect(() => planRelease(makeInput(pre))).toThrow(expect.objectContaining({ code: "CHANNEL_UNFIT" }));
    expect(planned(pre, { channel: "next" })).toMatchObject([{ version: "1.1.0-next.0" }]);
  });

  test("no channel goes back to an older version", () => {
    const state = having("core", "2.0.0");
    expect(() => planRelease(makeInput({ packages: [core] }, { state }))).toThrow(
      expect.objectContaining({ code: "CHANNEL_UNFIT", message: expect.stringContaining("2.0.0") }),
    );
    expect(planned({ packages: [core] }, { state, channel: "lts" })).toMatchObject([{ expectedTag: null }]);
  });

  test("a prerelease may follow a release, and a tag that is no version holds nothing back", () => {
    expect(planned(pre, { channel: "next", state: having("core", "3.0.0", { next: "3.0.0" }) })).toHaveLength(1);
    expect(planned({ packages: [core] }, { state: having("core", "odd", { latest: "odd" }) })).toHaveLength(1);
  });
});

describe("a snapshot", () => {
  const other = { name: "other", version: "1.0.0" };

  test("holds what a changeset names and nothing else, whatever the registry lacks", () => {
    const parts = { packages: [core, other], changesets: [{ core: "minor" }] } as const;
    expect(planned(parts, { channel: "canary", snapshot: true })).toMatchObject([
      { name: "core", version: "0.0.0-canary-aaaaaaa" },
    ]);
  });

  test("does not hold packages whose manifest alone changes", () => {
    const user = { name: "user", version: "1.0.0", devDependencies: { core: "workspace:^" } };
    const packages = planned(
      { packages: [core, user], changesets: [{ core: "major" }] },
      { channel: "canary", snapshot: true },
    );
    expect(packages.map(({ name }) => name)).toEqual(["core"]);
  });

  test("without changesets is nothing", () => {
    const input = makeInput({ packages: [core, other] }, { channel: "canary", snapshot: true });
    expect(planRelease(input)).toEqual({ type: "nothing", current: [], warnings: [] });
  });
});

test.each([
  ["@acme/core", undefined, "restricted", "restricted"],
  ["@acme/core", "public", "restricted", "public"],
  ["core", undefined, "restricted", "public"],
  ["core", "restricted", "public", "restricted"],
] as const)("%s with access %s under a default of %s is %s", (name, own, byDefault, expected) => {
  const input = makeInput({ packages: [{ name, version: "1.0.0" }], config: { access: byDefault } });
  const packages = input.workspace.packages.map((entry) => ({ ...entry, access: own }));
  const outcome = planRelease({ ...input, workspace: { ...input.workspace, packages } });
  expect(outcome).toMatchObject({ draft: { packages: [{ access: expected }] } });
});

test("the same input gives the same bytes, in whatever order packages, changesets and tags are listed", () => {
  const packages = [
    core,
    { name: "app", version: "1.0.0", peerDependencies: { core: "workspace:^" } },
    { name: "left", version: "0.2.0", dependencies: { right: "workspace:^" } },
    { name: "right", version: "0.2.0", dependencies: { left: "workspace:^" } },
  ];
  const draftOf = (order: typeof packages): string => {
    const outcome = planRelease(makeInput({ packages: order, changesets: [{ core: "major" }] }));
    return JSON.stringify(outcome.type === "release" ? outcome.draft : undefined);
  };
  const expected = draftOf(packages);
  fc.assert(
    fc.property(fc.shuffledSubarray(packages, { minLength: 4 }), (order) => {
      expect(draftOf(order)).toBe(expected);
    }),
  );
});

test("planning changes nothing of its input", () => {
  const input = makeInput({ packages: [core], changesets: [{ core: "minor" }] }, { state: having("core", "1.0.0") });
  const before = structuredClone(input);
  planRelease(input);
  expect(input).toEqual(before);
});

describe("the source key, by which two runs know that they make one release", () => {
  const input = makeInput({ packages: [core] });
  const key = sourceKey(input);

  test("is the same for the same source, whatever the registry has come to hold", () => {
    expect(sourceKey(makeInput({ packages: [core] }, { state: having("core", "1.0.0") }))).toBe(key);
  });

  test.each<Partial<PlanInput>>([
    { source: { ...input.source, commit: "f".repeat(40) } },
    { source: { ...input.source, tree: "f".repeat(40) } },
    { channel: "next" },
    { registry: { ...input.registry, identity: "embedded:2" } },
    { config: "0".repeat(64) },
    { restore: true },
  ])("is another one with %o", (change) => {
    expect(sourceKey({ ...input, ...change })).not.toBe(key);
  });

  test("gives the staging tag its name", () => {
    expect(planRelease(input)).toMatchObject({ draft: { stagingTag: `staging-${key.slice(0, 12)}` } });
  });
});
