import { describe, expect, test } from "vitest";
import { type Finding, type GateResult, isBlocking } from "@hxp/release-gates";
import { judgeConflicts as judge, judgeWorkspace, published, releasing } from "../../test/judge-conflicts.ts";
import { rulesOf } from "../../test/make-input.ts";
import { resolveWorkspace } from "../../test/resolve-workspace.ts";
import type { PublishedManifest } from "../../test/serve-registry.ts";

const errorsOf = ({ findings }: GateResult): Finding[] => findings.filter(({ severity }) => severity === "error");

describe("conflictsGate", () => {
  test("passes dependencies that agree, and describes each", async () => {
    const result = await judgeWorkspace({
      published: [
        published("host", { engines: { node: ">=20" } }),
        published("guest", { peerDependencies: { host: "^1.0.0" } }),
      ],
      own: [releasing({ host: "^1.0.0", guest: "^1.0.0" }, { engines: { node: ">=22" } })],
    });
    expect(result).toMatchObject({ verdict: "passed", checked: 3, findings: [] });
    expect(result.inputs.map(({ name }) => name)).toEqual(["pnpm-lock.yaml", "what the registry says of the packages"]);
    expect(result.details).toMatchObject({
      packages: [
        {
          id: "guest@1.0.0",
          published: "2026-06-01T00:00:00.000Z",
          hasInstallScript: false,
          isKnown: true,
          depth: 1,
          usedBy: ["@acme/app"],
        },
        { id: "host@1.0.0", latest: "1.0.0" },
      ],
      undated: [],
    });
  });

  test("looks at something even where a package has no dependency, and fails where there is no package", async () => {
    const alone = { published: [], own: [releasing({})] };
    expect(await judgeWorkspace(alone)).toMatchObject({ verdict: "passed", checked: 1 });
    const input = await resolveWorkspace({ ...alone, input: { packages: [] } });
    expect(rulesOf(await judge(input))).toEqual(["nothing-checked"]);
  });

  test("does not run where the registry does not answer, and says what the lockfile shows all the same", async () => {
    const upstream = {
      packument: () => Promise.reject(new Error("no route to host")),
      keys: () => Promise.resolve([]),
      attestations: () => Promise.resolve(undefined),
    };
    const own = [releasing({ narrow: "^1.0.0" }, { engines: { node: ">=20" } })];
    const result = await judgeWorkspace({
      published: [published("narrow", { engines: { node: ">=22" } })],
      own,
      input: { upstream },
    });
    expect(result).toMatchObject({ verdict: "failed", reason: expect.stringContaining("no route to host") });
    expect(rulesOf(result)).toEqual(["engines-contradict", "not-run"]);
    expect(isBlocking(result)).toBe(true);
  });

  test("does not run where the registry knows none of the packages", async () => {
    const upstream = {
      packument: () => Promise.resolve(undefined),
      keys: () => Promise.resolve([]),
      attestations: () => Promise.resolve(undefined),
    };
    const result = await judgeWorkspace({
      published: [published("plain")],
      own: [releasing({ plain: "^1.0.0" })],
      input: { upstream },
    });
    expect(result).toMatchObject({
      verdict: "not-run",
      reason: expect.stringContaining("knows none of the 1 packages"),
    });
  });
});

describe("several versions of one package", () => {
  const twoVersions = [
    published("shared"),
    published("shared", { version: "2.0.0" }),
    published("old", { dependencies: { shared: "^1.0.0" } }),
    published("new", { dependencies: { shared: "^2.0.0" } }),
  ];

  test("are a warning that names who brings each", async () => {
    const result = await judgeWorkspace({ published: twoVersions, own: [releasing({ old: "1.0.0", new: "1.0.0" })] });
    expect(result).toMatchObject({
      verdict: "passed",
      findings: [
        {
          rule: "versions-repeated",
          dependency: "shared@1.0.0",
          where: "@acme/app@1.0.0 > old@1.0.0 > shared@1.0.0",
          message: "shared is there in 2 versions: 1.0.0 by old@1.0.0; 2.0.0 by new@1.0.0.",
        },
      ],
    });
  });

  test("are said once for all packages that bring them", async () => {
    const own = [
      releasing({ old: "1.0.0", new: "1.0.0" }),
      { ...releasing({ old: "1.0.0", new: "1.0.0" }), name: "@acme/other" },
    ];
    const { findings } = await judgeWorkspace({ published: twoVersions, own });
    expect(findings).toMatchObject([
      { rule: "versions-repeated", message: expect.stringContaining("the same for @acme/other") },
    ]);
  });

  test("are an error for a package that is shared with the consumer as a peer", async () => {
    const own = [releasing({ old: "1.0.0" }, { peerDependencies: { shared: "^2.0.0" } })];
    const result = await judgeWorkspace({ published: twoVersions, own });
    expect(result.verdict).toBe("failed");
    expect(errorsOf(result)).toMatchObject([
      { rule: "singleton-repeated", package: "@acme/app", dependency: "shared@1.0.0" },
    ]);
  });

  test("are an error for a dependency that another dependency shares as a peer", async () => {
    const plugin = published("plugin", { peerDependencies: { shared: "^2.0.0" } });
    const own = [releasing({ old: "1.0.0", shared: "^2.0.0", plugin: "1.0.0" })];
    expect(rulesOf(await judgeWorkspace({ published: [...twoVersions, plugin], own }))).toEqual(["singleton-repeated"]);
  });

  test("are a warning for a peer that ends within each of two dependencies", async () => {
    const plugins = ["1.0.0", "2.0.0"].map((version) =>
      published("plugin", { version, peerDependencies: { shared: `^${version}` } }),
    );
    const hosts = ["1.0.0", "2.0.0"].map((version) =>
      published(`host-of-${version.at(0)}`, { dependencies: { shared: `^${version}`, plugin: version } }),
    );
    const own = [releasing({ "host-of-1": "1.0.0", "host-of-2": "1.0.0" })];
    const result = await judgeWorkspace({ published: [...twoVersions, ...plugins, ...hosts], own });
    expect(result).toMatchObject({ verdict: "passed" });
    expect(rulesOf(result)).toEqual(["versions-repeated"]);
  });

  test("are a warning for a peer that is only taken if it is there", async () => {
    const plugin = published("plugin", {
      peerDependencies: { shared: "^2.0.0" },
      peerDependenciesMeta: { shared: { optional: true } },
    });
    const own = [releasing({ old: "1.0.0", shared: "^2.0.0", plugin: "1.0.0" })];
    expect(rulesOf(await judgeWorkspace({ published: [...twoVersions, plugin], own }))).toEqual(["versions-repeated"]);
  });

  test("are an error for a singleton of the policy", async () => {
    const policy = { conflicts: { singletons: ["shared"] } };
    const own = [releasing({ old: "1.0.0", new: "1.0.0" })];
    expect(errorsOf(await judgeWorkspace({ published: twoVersions, own, input: { policy } }))).toMatchObject([
      { rule: "singleton-repeated" },
    ]);
    const single = await judgeWorkspace({
      published: twoVersions,
      own: [releasing({ old: "1.0.0" })],
      input: { policy },
    });
    expect(single.findings).toEqual([]);
  });
});

describe("peers", () => {
  const host = [published("host"), published("host", { version: "2.0.0" })];
  const guest = (range: string, name = "guest"): PublishedManifest =>
    published(name, { peerDependencies: { host: range } });

  test("that are missing are an error, unless they are optional", async () => {
    const settings = "autoInstallPeers: false\nstrictPeerDependencies: false\n";
    const own = [releasing({ guest: "1.0.0" })];
    const result = await judgeWorkspace({ published: [...host, guest("^1.0.0")], own, settings });
    expect(errorsOf(result)).toMatchObject([
      {
        rule: "peer-missing",
        dependency: "guest@1.0.0",
        message: "guest@1.0.0 needs the peer host ^1.0.0, and nothing provides it.",
      },
    ]);
    const optional = { ...guest("^1.0.0"), peerDependenciesMeta: { host: { optional: true } } };
    expect((await judgeWorkspace({ published: [...host, optional], own, settings })).findings).toEqual([]);
  });

  test("that only the package manager brings are a warning", async () => {
    const parts = { published: [...host, guest("^1.0.0")] };
    expect((await judgeWorkspace({ ...parts, own: [releasing({ guest: "1.0.0" })] })).findings).toMatchObject([
      {
        rule: "peer-undeclared",
        severity: "warning",
        message: "The peer host is needed by guest@1.0.0 (^1.0.0); @acme/app neither depends on it nor asks for it.",
      },
    ]);
    const asking = releasing({ guest: "1.0.0" }, { peerDependencies: { host: "^1.0.0" } });
    expect((await judgeWorkspace({ ...parts, own: [asking] })).findings).toEqual([]);
  });

  test("of a version outside of the range are an error", async () => {
    const own = [releasing({ host: "^2.0.0", guest: "1.0.0" })];
    const result = await judgeWorkspace({ published: [...host, guest("^1.0.0")], own });
    expect(errorsOf(result)).toMatchObject([
      {
        rule: "peer-out-of-range",
        dependency: "guest@1.0.0",
        message: "guest@1.0.0 takes host ^1.0.0 beside it and gets host@2.0.0.",
      },
    ]);
    const fitting = await judgeWorkspace({ published: [...host, guest("^1.0.0 || ^2.0.0")], own });
    expect(fitting.findings).toEqual([]);
  });

  test("of two ranges without a common version are an error", async () => {
    const parts = { own: [releasing({ host: "^2.0.0", guest: "1.0.0", other: "1.0.0" })] };
    const result = await judgeWorkspace({ ...parts, published: [...host, guest("^1.0.0"), guest("^2.0.0", "other")] });
    expect(rulesOf(result)).toEqual(["peer-out-of-range", "peers-contradict"]);
    expect(result.findings).toContainEqual(
      expect.objectContaining({
        rule: "peers-contradict",
        message: expect.stringContaining("both from @acme/app@1.0.0"),
      }),
    );
    const fitting = await judgeWorkspace({
      ...parts,
      published: [...host, guest(">=1.0.0"), guest("^2.0.0", "other")],
    });
    expect(fitting.findings).toEqual([]);
  });

  test("of the released package are compared with those of its dependencies", async () => {
    const own = [releasing({ guest: "1.0.0" }, { peerDependencies: { host: "^2.0.0" } })];
    const result = await judgeWorkspace({ published: [...host, guest("^1.0.0")], own });
    expect(rulesOf(result)).toEqual(["peer-out-of-range", "peers-contradict"]);
  });

  test("are read as published: an override of the workspace hides nothing", async () => {
    const settings = "overrides: { host: 2.0.0 }\n";
    const own = [releasing({ host: "^2.0.0", guest: "1.0.0" })];
    const result = await judgeWorkspace({ published: [...host, guest("^1.0.0")], own, settings });
    expect(errorsOf(result)).toMatchObject([{ rule: "peer-out-of-range", dependency: "guest@1.0.0" }]);
  });
});

test("a version outside of the published range is an error, because overrides are not published", async () => {
  const parts = {
    published: [
      published("leaf"),
      published("leaf", { version: "2.0.0" }),
      published("branch", { dependencies: { leaf: "^1.0.0" } }),
    ],
    own: [releasing({ branch: "1.0.0" })],
  };
  const result = await judgeWorkspace({ ...parts, settings: "overrides: { leaf: 2.0.0 }\n" });
  expect(errorsOf(result)).toMatchObject([
    {
      rule: "range-overridden",
      dependency: "leaf@2.0.0",
      message: expect.stringContaining("branch@1.0.0 asks for leaf ^1.0.0"),
    },
  ]);
  expect((await judgeWorkspace({ ...parts, settings: "overrides: { leaf: 1.0.0 }\n" })).findings).toEqual([]);
});
