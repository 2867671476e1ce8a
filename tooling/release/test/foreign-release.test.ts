import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inLocalRegistry, readPackument, readTags, tagged } from "./support/foreign-registry.ts";
import { startLyingRegistry } from "./support/lying-registry.ts";
import { before as firstVersions, expectFailure, expectSuccess } from "./support/tamper-template.ts";
import { fixtureNames, leavingGatesOut, makeTestRoot, type TestRoot, type TestWorkspace } from "./support/workspace.ts";

interface Outcome {
  outcome: string;
  id: string;
  evidence: string;
  plan: {
    source: { dirty: string[]; commit: string; prefix: string };
    releaseCommit: string;
    packages: { name: string; version: string; bump: string; reasons: string[] }[];
  };
}

let root: TestRoot;
let released: TestWorkspace;
let first: Outcome;
beforeAll(async () => {
  root = makeTestRoot();
  released = root.workspace();
  const run = await released.release(["--json"]);
  expectSuccess(run);
  first = JSON.parse(run.stdout) as Outcome;
});
afterAll(() => root?.[Symbol.dispose]());

const bumpsOf = ({ plan }: Outcome): Record<string, string> =>
  Object.fromEntries(plan.packages.map(({ name, version, bump }) => [name, `${bump} ${version}`]));

/** Releases and gives the outcome. */
async function release(workspace: TestWorkspace, ...args: string[]): Promise<Outcome> {
  const run = await workspace.release([...args, "--json"]);
  expectSuccess(run);
  return JSON.parse(run.stdout) as Outcome;
}

describe("a workspace of another shape", () => {
  test("is released as a whole, with what its fixed and linked groups ask for, and without the private package", async () => {
    expect(first.outcome).toBe("released");
    expect(await readTags(released)).toEqual(tagged("latest", firstVersions));
    expect(await readPackument(released, "@acme/internal")).toBeUndefined();
    expect(released.git("tag")).toBe(
      ["cli@1.1.0", "core@1.3.0", "left@1.0.1", "plugin@2.0.1", "right@1.0.1"]
        .map((name) => `rehearsal/@acme/${name}`)
        .join("\n"),
    );
  });

  test("names released versions in its manifests: workspace and literal ranges, peers, no local protocol", async () => {
    const manifests = await inLocalRegistry(released, (client) =>
      Promise.all(fixtureNames.map(async (name) => (await client.readPackument(name))!)),
    );
    const fields = Object.fromEntries(
      manifests.map(({ name, versions }) => {
        const { dependencies, peerDependencies } = Object.values(versions)[0] as Record<string, unknown>;
        return [name, { dependencies, peerDependencies }];
      }),
    );
    expect(fields).toEqual({
      "@acme/cli": { dependencies: { "@acme/core": "^1.3.0" } },
      "@acme/core": {},
      "@acme/left": {},
      "@acme/plugin": { peerDependencies: { "@acme/core": "^1.3.0" } },
      "@acme/right": { dependencies: { "@acme/left": "^1.0.1" } },
    });
    expect(released.git("show", `${first.plan.releaseCommit}:pnpm-lock.yaml`)).toContain("specifier: ^1.0.1");
  });

  test("has nothing to release when nothing has changed, and the branch of a rehearsal stays where it is", async () => {
    const run = await released.release();
    expectSuccess(run);
    expect(run.stdout).toContain("Nothing to release");
    expect(run.stdout).not.toContain("Build");
    expect(released.git("rev-parse", "HEAD")).toBe(first.plan.source.commit);
    expect(released.git("status", "--porcelain")).toBe("");
  });

  test("raises a package to major when the range of its peer gets narrower", async () => {
    const workspace = released.copy();
    workspace.change({ "@acme/core": "major" });
    workspace.commit();
    const outcome = await release(workspace);
    expect(bumpsOf(outcome)).toEqual({
      "@acme/core": "major 2.0.0",
      "@acme/cli": "major 2.0.0",
      "@acme/plugin": "major 3.0.0",
    });
    const plugin = outcome.plan.packages.find(({ name }) => name === "@acme/plugin");
    expect(plugin?.reasons.join()).toContain("narrows from ^1.2.0 to ^2.0.0");
    const packument = await readPackument(workspace, "@acme/plugin");
    expect(packument?.versions["3.0.0"]).toMatchObject({ peerDependencies: { "@acme/core": "^2.0.0" } });
  });

  test("with a name without scope, in a subfolder of a repository, cloned without history or identity", async () => {
    const solo = {
      name: "unscoped-acme",
      version: "0.1.0",
      description: "Test library without a scope",
      license: "MIT",
      repository: { type: "git", url: "git+https://github.com/acme/acme.git", directory: "web/acme/libs/solo" },
      engines: { node: ">=22" },
      files: ["dist"],
      type: "module",
      exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
    };
    const origin = root.workspace({
      prefix: "web/acme",
      files: {
        "libs/solo/package.json": solo,
        "libs/solo/src/index.js": "export const solo = 1;\n",
        "libs/solo/src/index.d.ts": "export declare const solo: number;\n",
        "libs/solo/README.md": "# unscoped-acme\n",
        "libs/solo/LICENSE": "MIT\n",
        "../../elsewhere.txt": "Not of the workspace.\n",
      },
    });
    origin.edit("pnpm-lock.yaml", (text) => `${text.trimEnd()}\n\n  libs/solo: {}\n`);
    origin.change({ "unscoped-acme": "patch" });
    origin.commit();
    const clone = origin.clone();
    expect(clone.git("rev-list", "--count", "HEAD")).toBe("1");
    const outcome = await release(clone);
    expect(outcome.plan.source.prefix).toBe("web/acme/");
    expect(bumpsOf(outcome)).toMatchObject({ "unscoped-acme": "patch 0.1.1", "@acme/core": "minor 1.3.0" });
    expect(await readTags(clone, ["unscoped-acme"])).toEqual(tagged("latest", { "unscoped-acme": "0.1.1" }));
    const tree = clone.git("ls-tree", "-r", "--name-only", outcome.plan.releaseCommit).split("\n");
    expect(tree).toContain("elsewhere.txt");
    expect(tree).toContain("web/acme/libs/solo/package.json");
  });
});

describe("channels", () => {
  test("pre mode goes to its tag and never to latest, whoever asks for it", async () => {
    const workspace = released.copy();
    workspace.write(".changeset/pre.json", { mode: "pre", tag: "next" });
    workspace.commit();
    const refused = await workspace.release(["--channel", "latest"]);
    expectFailure(refused, { exitCode: 2, code: "CHANNEL_UNFIT" });
    const outcome = await release(workspace);
    expect(bumpsOf(outcome)).toMatchObject({ "@acme/core": "minor 1.3.0-next.0", "@acme/left": "patch 1.0.1-next.0" });
    const tags = await readTags(workspace);
    expect(Object.fromEntries(Object.entries(tags).map(([name, { latest }]) => [name, latest]))).toEqual(firstVersions);
    expect(tags["@acme/core"]).toEqual({ latest: "1.3.0", next: "1.3.0-next.0" });
    expect((await workspace.release()).stdout).toContain("Nothing to release");
  });

  test("pre mode sets no latest for names that are new, either", async () => {
    const workspace = root.workspace();
    // As changesets 2 wrote it; reading it must leave it as it is.
    workspace.write(".changeset/pre.json", { mode: "pre", tag: "next", initialVersions: {}, changesets: [] });
    workspace.commit();
    await release(workspace);
    for (const [name, tags] of Object.entries(await readTags(workspace)))
      expect(Object.keys(tags), name).toEqual(["next"]);
    expect(workspace.git("status", "--porcelain")).toBe("");
  });

  test("a snapshot is named after its commit, leaves latest alone, and consumes no changeset", async () => {
    const workspace = released.copy();
    const commit = workspace.git("rev-parse", "HEAD").slice(0, 7);
    const outcome = await release(workspace, "--channel", "canary");
    expect(bumpsOf(outcome)["@acme/core"]).toBe(`minor 0.0.0-canary-${commit}`);
    expect((await readTags(workspace))["@acme/core"]).toEqual({ latest: "1.3.0", canary: `0.0.0-canary-${commit}` });
    const right = await readPackument(workspace, "@acme/right");
    expect(right?.versions[`0.0.0-canary-${commit}`]).toMatchObject({
      dependencies: { "@acme/left": `^0.0.0-canary-${commit}` },
    });
    expect((await workspace.release(["--channel", "canary"])).stdout).toContain("Nothing to release");
  });

  test("one that the configuration does not know is refused", async () => {
    expectFailure(await released.release(["--channel", "lates"]), { exitCode: 2, code: "USAGE_INVALID" });
  });
});

describe("the working tree", () => {
  test("is released as it is only when that is asked for, is recorded as such, and keys never get into it", async () => {
    const workspace = root.workspace({ files: { ".gitignore": "node_modules/\ndist/\n" } });
    workspace.write("libs/left/src/index.js", "export const left = 7;\n");
    const refused = await workspace.release();
    expectFailure(refused, { exitCode: 2, code: "WORKSPACE_DIRTY" });
    expect(refused.stderr).toContain("1 paths differ from the commit: libs/left/src/index.js");
    const outcome = await release(workspace, "--allow-dirty");
    expect(outcome.plan.source.dirty).toEqual(["libs/left/src/index.js"]);
    expect(workspace.git("show", `${outcome.plan.releaseCommit}:libs/left/src/index.js`)).toBe(
      "export const left = 7;",
    );
    expect(workspace.git("ls-tree", "-r", "--name-only", outcome.plan.releaseCommit)).not.toContain(".hxp");
    expect(workspace.git("status", "--porcelain")).toBe("M libs/left/src/index.js");
  });
});

describe("a registry that the configuration names", () => {
  test("moves the branch to the release commit, but for a snapshot", async () => {
    await using registry = await startLyingRegistry(join(root.path, "company"));
    const origin = root.workspace({
      config: { registries: { company: { url: registry.url, acceptFirstLatest: true } } },
    });
    const workspace = origin.clone();
    const env = { NPM_TOKEN: registry.token, ...leavingGatesOut };
    const start = workspace.git("rev-parse", "HEAD");
    const canary = await workspace.release(["--to", "company", "--channel", "canary"], env);
    expectSuccess(canary);
    expect(workspace.git("rev-parse", "HEAD")).toBe(start);
    const run = await workspace.release(["--to", "company", "--json"], env);
    expectSuccess(run);
    const { plan } = JSON.parse(run.stdout) as Outcome;
    expect(await registry.channel("latest")).toEqual(firstVersions);
    expect(workspace.git("rev-parse", "main", "HEAD", `${plan.releaseCommit}^0`).split("\n")).toEqual(
      [0, 1, 2].map(() => plan.releaseCommit),
    );
    expect(workspace.git("rev-parse", `${plan.releaseCommit}^`)).toBe(start);
    expect(workspace.git("status", "--porcelain")).toBe("");
    expect(workspace.readJson("libs/core/package.json")).toMatchObject({ version: "1.3.0" });
    expect(workspace.readJson("libs/right/package.json")).toMatchObject({ dependencies: { "@acme/left": "^1.0.1" } });
    expect(readdirSync(join(workspace.folder, ".changeset"))).toEqual(["config.json"]);
    expect(workspace.git("tag").split("\n")).toContain("@acme/core@1.3.0");
    // Such a registry keeps none of the statements; those of the evidence folder are about the bytes that it serves.
    const { evidence } = JSON.parse(run.stdout) as { evidence: string };
    const verify = ["verify", "@acme/core@latest", "--to", "company"];
    const alone = await workspace.release(verify, env);
    expectFailure(alone, { exitCode: 15, code: "VERIFICATION_FAILED" });
    expect(alone.stderr).toContain("--evidence");
    expectSuccess(await workspace.release([...verify, "--evidence", evidence], env));
    const other = ["verify", "@acme/core@0.0.0-canary-" + start.slice(0, 7), "--to", "company", "--evidence", evidence];
    expectFailure(await workspace.release(other, env), { exitCode: 15, code: "VERIFICATION_FAILED" });
    const again = await workspace.release(["--to", "company"], env);
    expect(again.stdout, again.text).toContain("Nothing to release");
  });

  test("ends the release with a warning where the branch cannot follow", async () => {
    await using registry = await startLyingRegistry(join(root.path, "edited"));
    const workspace = root.workspace({
      config: { registries: { company: { url: registry.url, acceptFirstLatest: true } } },
    });
    const start = workspace.git("rev-parse", "HEAD");
    const edited = `${workspace.read("libs/core/package.json")}\n`;
    // The first write comes after the source was read: somebody goes on with their work while the release runs.
    registry.use(async ({ request, pass }) => {
      if (request.method === "PUT") writeFileSync(join(workspace.folder, "libs/core/package.json"), edited);
      await pass();
    });
    const env = { NPM_TOKEN: registry.token, ...leavingGatesOut };
    const run = await workspace.release(["--to", "company"], env);
    expectSuccess(run);
    expect(run.text).toMatch(/The branch did not follow [^]*: git merge --ff-only --quiet [0-9a-f]{40}/);
    expect(await registry.channel("latest")).toEqual(firstVersions);
    expect(workspace.git("rev-parse", "HEAD")).toBe(start);
    expect(workspace.read("libs/core/package.json")).toBe(edited);
    expect(JSON.parse((await workspace.release(["status", "--to", "company", "--json"], env)).stdout)).toMatchObject({
      releases: [{ state: "released" }],
    });
  });

  test("is not written to without a credential, and the error says where one would be looked for", async () => {
    await using registry = await startLyingRegistry(join(root.path, "closed"));
    const workspace = root.workspace({
      config: { registries: { company: { url: registry.url, acceptFirstLatest: true } } },
    });
    const run = await workspace.release(["--to", "company"], { HOME: root.path, ...leavingGatesOut });
    expectFailure(run, { exitCode: 1, code: "REGISTRY_UNAUTHORIZED" });
    expect(registry.writes).toEqual([]);
  });

  test("is not given new names unless it is accepted that latest points to them at once", async () => {
    await using registry = await startLyingRegistry(join(root.path, "careful"));
    const workspace = root.workspace({ config: { registries: { company: { url: registry.url } } } });
    const run = await workspace.release(["--to", "company"], { NPM_TOKEN: registry.token, ...leavingGatesOut });
    expectFailure(run, { exitCode: 2, code: "FIRST_LATEST_UNACCEPTED" });
    expect(registry.writes).toEqual([]);
  });
});

test("every gate, two package managers, two Nodes: the fixture's own configuration", { timeout: 240_000 }, async () => {
  const workspace = root.workspace({
    config: {
      nodes: ["22.23.3", "24.21.0"],
      managers: undefined,
      gates: undefined,
      // No advisories are imported here.
      policy: { rehearsal: { mayNotRun: ["advisories"] } },
    },
  });
  const { evidence } = await release(workspace);
  const folder = evidence.slice(workspace.folder.length + 1);
  for (const gate of ["contents", "api", "licences", "signatures", "conflicts", "docs", "rebuild", "compatibility"]) {
    expect(workspace.readJson(`${folder}/gates/${gate}.json`), gate).toMatchObject({ verdict: "passed" });
  }
  const cells = workspace.readJson(`${folder}/smoke/cells.json`) as {
    manager: string;
    node: string;
    verdict: string;
  }[];
  expect(cells.map(({ manager, node, verdict }) => `${manager} ${node} ${verdict}`).toSorted()).toEqual([
    "npm 22.23.3 passed",
    "npm 24.21.0 passed",
    "pnpm 22.23.3 passed",
    "pnpm 24.21.0 passed",
  ]);
  expect(existsSync(join(evidence, "smoke/second-opinion.json"))).toBe(true);
  const run = await workspace.release(["verify", evidence]);
  expectSuccess(run);
});

test("a workspace that brings its own Node is built again on another one, and shows what depends on it", async () => {
  const lines = ["", "importers:", "", "  .:", "    devDependencies:", "      runtime:"];
  const workspace = root.workspace({ config: { nodes: ["22.23.3", "24.21.0"], gates: ["rebuild"] } });
  workspace.write("libs/runtime/package.json", {
    name: "runtime",
    version: "1.0.0",
    private: true,
    bin: { node: "node.sh" },
  });
  workspace.write("libs/runtime/node.sh", `#!/bin/sh\nexec ${process.execPath} "$@"\n`);
  chmodSync(join(workspace.folder, "libs/runtime/node.sh"), 0o755);
  workspace.write("package.json", {
    ...(workspace.readJson("package.json") as object),
    devDependencies: { runtime: "workspace:*" },
  });
  workspace.edit("pnpm-lock.yaml", (text) =>
    text
      .replace(
        "\nimporters:\n\n  .: {}\n",
        `${lines.join("\n")}\n        specifier: workspace:*\n        version: link:libs/runtime\n`,
      )
      .replace(/\s*$/, "\n\n  libs/runtime: {}\n"),
  );
  const build = workspace.read("scripts/build.mjs");
  const stamp =
    'import { appendFileSync } from "node:fs";\nappendFileSync("libs/core/dist/index.js", process.version);\n';
  workspace.write("scripts/build.mjs", `${build}${stamp}`);
  workspace.commit();
  const run = await workspace.release(["--json"]);
  expect(run.exitCode, run.text).toBe(14);
  const { error } = JSON.parse(run.stdout) as { error: { details: { verdicts: object[] } } };
  expect(error.details.verdicts).toMatchObject([
    {
      gate: "rebuild",
      findings: [{ rule: "bytes-differ", package: "@acme/core", where: "dist/index.js" }],
      observed: { "first Node": process.versions.node, "second Node": expect.stringMatching(/^22\./) },
    },
  ]);
});
