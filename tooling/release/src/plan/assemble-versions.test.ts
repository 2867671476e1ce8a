import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyReleasePlan } from "@changesets/apply-release-plan";
import { defaultConfig } from "@changesets/config";
import * as fc from "fast-check";
import semver from "semver";
import { describe, expect, test } from "vitest";
import { makeWorkspace, type TestPackage, type TestWorkspaceParts } from "../../test/support/make-workspace.ts";
import { assembleVersions } from "./assemble-versions.ts";

const unsafe = defaultConfig.___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH;
const patient = {
  ___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH: { ...unsafe, onlyUpdatePeerDependentsWhenOutOfRange: true },
};

/** `core`, and `app` with `core` as its peer. */
function pair(range: string, versions: { core?: string; app?: string } = {}): TestPackage[] {
  const { core = "1.0.0", app = "1.0.0" } = versions;
  return [
    { name: "core", version: core },
    { name: "app", version: app, peerDependencies: { core: range } },
  ];
}

function versionsOf(parts: TestWorkspaceParts): Record<string, string | undefined> {
  const { plan } = assembleVersions(makeWorkspace(parts));
  return Object.fromEntries(plan.releases.map(({ name, newVersion }) => [name, newVersion]));
}

describe("a peer range that narrows", () => {
  test.each(["workspace:^", "workspace:*", "workspace:~", "workspace:^1.0.0", "^1.0.0", "~1.0.0", ">=1.0.0 <2.0.0"])(
    "written %s, makes the dependent a major when the peer goes from 1 to 2",
    (range) => {
      expect(versionsOf({ packages: pair(range), changesets: [{ core: "major" }] })).toEqual({
        core: "2.0.0",
        app: "2.0.0",
      });
    },
  );

  test("makes a dependent below 1.0.0 a minor", () => {
    const packages = pair("workspace:^", { app: "0.3.1" });
    expect(versionsOf({ packages, changesets: [{ core: "major" }] })).toEqual({ core: "2.0.0", app: "0.4.0" });
  });

  test("is named with the range before and after, in the changelog's words", () => {
    const { forced, plan } = assembleVersions(
      makeWorkspace({ packages: pair("workspace:^"), changesets: [{ core: "major" }] }),
    );
    const because = "The peer range of core narrows from ^1.0.0 to ^2.0.0.";
    expect(forced).toEqual([{ name: "app", type: "major", because }]);
    expect(plan.changesets.map(({ summary }) => summary)).toContain(because);
  });

  test("leaves a bump that is high enough as it is", () => {
    const parts = { packages: pair("workspace:^"), changesets: [{ core: "major" }, { app: "major" }] } as const;
    expect(assembleVersions(makeWorkspace(parts)).forced).toEqual([]);
    const below = {
      packages: pair("workspace:^", { app: "0.1.0" }),
      changesets: [{ core: "major", app: "minor" }],
    } as const;
    expect(assembleVersions(makeWorkspace(below)).forced).toEqual([]);
  });

  test("is passed on from dependent to dependent", () => {
    const packages = [
      ...pair("workspace:^"),
      { name: "top", version: "1.0.0", peerDependencies: { app: "workspace:^" } },
    ];
    expect(versionsOf({ packages, changesets: [{ core: "major" }] })).toEqual({
      core: "2.0.0",
      app: "2.0.0",
      top: "2.0.0",
    });
  });

  test("counts when only its floor rises, because the dependent is released as well", () => {
    const changesets = [{ core: "minor" }, { app: "patch" }] as const;
    expect(versionsOf({ packages: pair("workspace:^"), changesets })).toEqual({ core: "1.1.0", app: "2.0.0" });
    expect(versionsOf({ packages: pair("^1.0.0"), changesets })).toEqual({ core: "1.1.0", app: "2.0.0" });
  });

  test("names the peer's own version before, not the highest of its group", () => {
    const packages = [...pair("workspace:^", { core: "1.0.0" }), { name: "high", version: "3.0.0" }];
    const config = { linked: [["core", "high"]] };
    const { forced } = assembleVersions(
      makeWorkspace({ packages, config, changesets: [{ core: "major", high: "patch" }] }),
    );
    expect(forced[0]?.because).toBe("The peer range of core narrows from ^1.0.0 to ^4.0.0.");
  });
});

describe("a peer range that does not narrow forces nothing", () => {
  test("when it still takes all that it took: the peer stays inside, and only ranges left behind move", () => {
    const changesets = [{ core: "minor" }, { app: "patch" }] as const;
    expect(versionsOf({ packages: pair("^1.0.0"), changesets, config: patient })).toEqual({
      core: "1.1.0",
      app: "1.0.1",
    });
    expect(versionsOf({ packages: pair("workspace:^1.0.0"), changesets, config: patient })).toEqual({
      core: "1.1.0",
      app: "1.0.1",
    });
  });

  test("when it takes anything", () => {
    expect(versionsOf({ packages: pair("*"), changesets: [{ core: "major" }, { app: "patch" }] })).toEqual({
      core: "2.0.0",
      app: "1.0.1",
    });
  });

  test("when the dependent is not released, so that its published range stays", () => {
    expect(versionsOf({ packages: pair("workspace:^"), changesets: [{ core: "minor" }] })).toEqual({ core: "1.1.0" });
  });

  test("when the peer is of another workspace, or is not released", () => {
    const packages = [
      { name: "app", version: "1.0.0", peerDependencies: { react: "^18.0.0", core: "workspace:^" } },
      { name: "core", version: "1.0.0" },
    ];
    expect(versionsOf({ packages, changesets: [{ app: "patch" }] })).toEqual({ app: "1.0.1" });
  });

  test("when it is a plain dependency, which the consumer need not change", () => {
    const packages = [
      { name: "core", version: "1.0.0" },
      { name: "app", version: "1.0.0", dependencies: { core: "workspace:^" } },
    ];
    expect(versionsOf({ packages, changesets: [{ core: "major" }] })).toEqual({ core: "2.0.0", app: "1.0.1" });
  });

  test("when the dependent is left out of releases", () => {
    const parts = {
      packages: pair("workspace:^"),
      changesets: [{ core: "major" }],
      config: { ignore: ["app"] },
    } as const;
    expect(assembleVersions(makeWorkspace(parts))).toMatchObject({ forced: [] });
  });
});

describe("groups settle", () => {
  test("fixed: a forced major takes the whole group along", () => {
    const packages = [...pair("workspace:^"), { name: "mate", version: "1.0.0" }];
    const config = { fixed: [["app", "mate"]] };
    expect(versionsOf({ packages, config, changesets: [{ core: "major" }] })).toEqual({
      core: "2.0.0",
      app: "2.0.0",
      mate: "2.0.0",
    });
  });

  test("fixed: a peer inside the group narrows with each release of the group", () => {
    const config = { fixed: [["app", "core"]] };
    expect(versionsOf({ packages: pair("workspace:^"), config, changesets: [{ core: "patch" }] })).toEqual({
      core: "2.0.0",
      app: "2.0.0",
    });
  });

  test("linked: only what is released anyway is raised", () => {
    const packages = [...pair("workspace:^"), { name: "mate", version: "1.0.0" }, { name: "rest", version: "1.0.0" }];
    const config = { linked: [["app", "mate", "rest"]] };
    expect(versionsOf({ packages, config, changesets: [{ core: "major" }, { mate: "patch" }] })).toEqual({
      core: "2.0.0",
      app: "2.0.0",
      mate: "2.0.0",
    });
  });
});

test("snapshot versions name tag and commit, hold no time of day, and force nothing", () => {
  const workspace = makeWorkspace({ packages: pair("workspace:^"), changesets: [{ core: "major" }] });
  const { plan, forced } = assembleVersions(workspace, { tag: "canary", commit: "0123456789abcdef" });
  expect(plan.releases.map(({ name, newVersion }) => [name, newVersion])).toEqual([
    ["core", "0.0.0-canary-0123456"],
    ["app", "0.0.0-canary-0123456"],
  ]);
  expect(forced).toEqual([]);
});

test("in pre mode versions carry the tag, and a narrowed peer still makes a major", () => {
  const preState = { mode: "pre", tag: "next" } as const;
  expect(versionsOf({ packages: pair("workspace:^"), preState, changesets: [{ core: "major" }] })).toEqual({
    core: "2.0.0-next.0",
    app: "2.0.0-next.0",
  });
});

const ranges = [
  "workspace:^",
  "workspace:~",
  "workspace:*",
  "workspace:^V",
  "^V",
  "~V",
  ">=V",
  ">=V <99.0.0",
  "*",
  "V",
];
const versions = ["0.1.0", "0.2.3", "1.0.0", "1.4.2", "3.0.0"];
const bump = fc.constantFrom("patch", "minor", "major");
const names = ["a", "b", "c", "d"];

/** Each package may have those before it as peers, so that there is no circle. */
const anyWorkspace = fc
  .record({
    versions: fc.tuple(...names.map(() => fc.constantFrom(...versions))),
    peers: fc.tuple(...names.map(() => fc.array(fc.tuple(fc.nat(3), fc.constantFrom(...ranges)), { maxLength: 2 }))),
    bumps: fc.dictionary(fc.constantFrom(...names), bump, { minKeys: 1 }),
    group: fc.constantFrom({}, { fixed: [["a", "d"]] }, { linked: [["b", "c"]] }, patient),
  })
  .map(({ versions: own, peers, bumps, group }): TestWorkspaceParts => ({
    packages: names.map((name, index) => ({
      name,
      version: own[index]!,
      peerDependencies: Object.fromEntries(
        peers[index]!.filter(([peer]) => peer < index).map(([peer, range]) => [
          names[peer]!,
          range.replace("V", own[peer]!),
        ]),
      ),
    })),
    changesets: [bumps],
    config: group,
  }));

test("whatever is released, no published peer range narrows without a major (below 1.0.0, a minor)", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorkspace, async (parts) => {
      const folder = mkdtempSync(join(tmpdir(), "hxp-peers-"));
      try {
        expect(await findNarrowed({ ...parts, folder })).toEqual([]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 60 },
  );
});

/** Has changesets itself write the versions, and compares what pnpm would publish. */
async function findNarrowed(parts: TestWorkspaceParts & { folder: string }): Promise<string[]> {
  const workspace = makeWorkspace(parts);
  for (const { folder, manifest } of workspace.packages) {
    mkdirSync(join(parts.folder, folder), { recursive: true });
    writeFileSync(join(parts.folder, folder, "package.json"), JSON.stringify(manifest));
  }
  writeFileSync(join(parts.folder, "package.json"), JSON.stringify({ name: "root", version: "0.0.0" }));
  const { plan } = assembleVersions(workspace);
  await applyReleasePlan(plan, workspace.manypkg, workspace.changesetsConfig);
  const before = [...parts.packages];
  const after = workspace.packages.map(
    ({ folder }) => JSON.parse(readFileSync(join(parts.folder, folder, "package.json"), "utf8")) as TestPackage,
  );
  return before.flatMap((old, index) => {
    const now = after[index]!;
    const enough = semver.major(old.version) === 0 ? ["minor", "major"] : ["major"];
    if (now.version === old.version || enough.includes(semver.diff(old.version, now.version)!)) return [];
    return Object.keys(old.peerDependencies ?? {})
      .map((peer) => [peer, publishedPeer(old, peer, before), publishedPeer(now, peer, after)] as const)
      .filter(([, was, is]) => !semver.subset(was, is))
      .map(([peer, was, is]) => `${old.name} ${old.version} → ${now.version}: peer ${peer} ${was} → ${is}`);
  });
}

function publishedPeer(manifest: TestPackage, peer: string, all: readonly TestPackage[]): string {
  const version = all.find(({ name }) => name === peer)?.version ?? "";
  const written = manifest.peerDependencies?.[peer] ?? "";
  const range = written.replace("workspace:", "");
  const isOpen = written !== range && ["*", "^", "~"].includes(range);
  return isOpen ? `${range.replace("*", "")}${version}` : range;
}
