import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GateResult, ServedAttestation, Upstream } from "@hxp/release-gates";
import { before, judgeSignatures, leafOf, locked } from "../../test/judge-signatures.ts";
import { rulesOf } from "../../test/make-input.ts";
import type { VersionParts } from "../../test/sign-packuments.ts";
import { type PipelineClaims, type SigningWorld, startSigningWorld, workflow } from "../../test/sign-provenance.ts";
import { createFolder } from "../../test/temporary-folder.ts";
import { normaliseRepository, pipelineOf, readBuildIdentity } from "./build-identity.ts";

const commit = "4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a";
const release = {
  repository: "acme/leaf",
  workflow_ref: "acme/leaf/.github/workflows/release.yml@refs/tags/v1.1.0",
  sha: commit,
};

let folder: string;
let world: SigningWorld;
beforeAll(async () => {
  folder = await createFolder();
  world = await startSigningWorld(folder);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const build = (version: string, claims?: PipelineClaims): Promise<ServedAttestation> =>
  world.sign(`pkg:npm/leaf@${version}`, Buffer.from(`leaf@${version}`), claims);

/** Judges `leaf` 1.1.0 with the builds that are served of its versions. */
async function judge(
  builds: Readonly<Record<string, ServedAttestation>>,
  { earlier, now }: { earlier?: Partial<VersionParts>; now?: Partial<VersionParts> } = {},
): Promise<GateResult> {
  const attestations: Upstream["attestations"] = (_name, version) =>
    Promise.resolve(builds[version] === undefined ? undefined : [builds[version]]);
  const versions = [
    { ...before, hasProvenance: earlier !== undefined, ...earlier },
    { ...locked, hasProvenance: true, ...now },
  ];
  const policy = { signatures: { trustedRoot: "trusted_root.json" } };
  return judgeSignatures({ versions, folder, policy, upstream: { attestations } });
}

describe("who built a dependency", () => {
  test("is named by its certificate: repository, workflow and commit", async () => {
    const result = await judge({ "1.1.0": await build("1.1.0", release) });
    expect(result).toMatchObject({ verdict: "passed", findings: [], observed: { provenance: "1 verified, 1 none" } });
    expect(leafOf(result)).toMatchObject({
      provenance: "verified",
      builtBy: workflow,
      repository: "https://github.com/acme/leaf",
      workflow: "https://github.com/acme/leaf/.github/workflows/release.yml@refs/tags/v1.1.0",
      commit,
    });
  });

  test("must be the repository that the package names", async () => {
    const builds = { "1.1.0": await build("1.1.0", { ...release, repository: "eve/leaf" }) };
    const named = { type: "git", url: "git+https://github.com/acme/leaf.git" };
    const result = await judge(builds, { now: { repository: named } });
    expect(result).toMatchObject({ verdict: "failed", findings: [{ rule: "repository-differs", severity: "error" }] });
    expect(result.findings[0]!.message).toContain("was built from https://github.com/eve/leaf");
    const sound = await judge({ "1.1.0": await build("1.1.0", release) }, { now: { repository: named } });
    expect(sound).toMatchObject({ verdict: "passed", findings: [] });
  });

  test.each<[string, Partial<PipelineClaims>]>([
    ["repository", { repository: "acme/fork" }],
    ["workflow", { workflow_ref: "acme/leaf/.github/workflows/hotfix.yml@refs/heads/main" }],
  ])("is an error while it is young where the version before had another %s", async (_title, change) => {
    const builds = { "1.0.0": await build("1.0.0", release), "1.1.0": await build("1.1.0", { ...release, ...change }) };
    const result = await judge(builds, { earlier: {} });
    expect(result).toMatchObject({ verdict: "failed", findings: [{ rule: "builder-new", severity: "error" }] });
    expect(result.findings[0]!.message).toContain("release.yml of github.com/acme/leaf");
    const old = await judge(builds, { earlier: {}, now: { time: "2026-10-20T00:00:00Z" } });
    expect(old).toMatchObject({ verdict: "passed", findings: [{ rule: "builder-new", severity: "warning" }] });
  });

  test("is an error where the package names a repository and the certificate none", async () => {
    const builds = { "1.1.0": await build("1.1.0", { sub: "eve@example.com" }) };
    const result = await judge(builds, { now: { repository: "acme/leaf" } });
    expect(result).toMatchObject({ verdict: "failed", findings: [{ rule: "repository-unnamed", severity: "error" }] });
    expect(result.findings[0]!.message).toContain("issued to eve@example.com, names no repository");
    expect(await judge(builds)).toMatchObject({ verdict: "passed", findings: [] });
  });

  test("is news where a person has the same name at another domain", async () => {
    const builds = {
      "1.0.0": await build("1.0.0", { sub: "release@acme.example" }),
      "1.1.0": await build("1.1.0", { sub: "release@attacker.example" }),
    };
    const result = await judge(builds, { earlier: {} });
    expect(result).toMatchObject({ verdict: "failed", findings: [{ rule: "builder-new", severity: "error" }] });
    expect(result.findings[0]!.message).toContain(
      "by release@attacker.example, and leaf@1.0.0 before it by release@acme",
    );
  });

  test("is no news where only ref and commit are others", async () => {
    const tag = { ...release, workflow_ref: release.workflow_ref.replace("v1.1.0", "v1.0.0"), sha: "0".repeat(40) };
    const builds = { "1.0.0": await build("1.0.0", tag), "1.1.0": await build("1.1.0", release) };
    expect(await judge(builds, { earlier: {} })).toMatchObject({ verdict: "passed", findings: [] });
  });

  test("is said to be unknown where that of the version before cannot be looked at", async () => {
    const result = await judge({ "1.1.0": await build("1.1.0", release) }, { earlier: {} });
    expect(rulesOf(result)).toEqual(["builder-unknown"]);
    expect(leafOf(result).note).toContain("serves no provenance of leaf@1.0.0");
    const other = { "1.0.0": await build("1.0.1", release), "1.1.0": await build("1.1.0", release) };
    expect(rulesOf(await judge(other, { earlier: {} }))).toEqual(["builder-unknown"]);
  });
});

test("readBuildIdentity reads the repository of older certificates", () => {
  const value = Buffer.from("acme/leaf");
  const oids = [{ oid: { id: [1, 3, 6, 1, 4, 1, 57264, 1, 5] }, value }];
  const identity = readBuildIdentity({ subjectAlternativeName: workflow, oids });
  expect(identity).toEqual({ builtBy: workflow, repository: "https://github.com/acme/leaf" });
});

describe("pipelineOf", () => {
  const file = "https://github.com/acme/leaf/.github/workflows/release.yml";
  test.each([
    [`${file}@refs/tags/v1.1.0`, file],
    [`${file}@refs/tags/@acme/leaf@1.1.0`, file],
    [`${file}@${commit}`, file],
    ["release@acme.example", "release@acme.example"],
    ["https://git.example/@refs-of-eve", "https://git.example/@refs-of-eve"],
  ])("names %s by what no release changes", (builtBy, expected) => {
    expect(pipelineOf({ builtBy })).toBe(expected);
  });
});

describe("normaliseRepository", () => {
  test.each([
    "git+https://github.com/acme/leaf.git",
    "https://github.com/Acme/Leaf",
    "git://github.com/acme/leaf.git#main",
    "git+ssh://git@github.com/acme/leaf.git",
    "git@github.com:acme/leaf.git",
    "github:acme/leaf",
    "acme/leaf",
    "https://github.com/acme/leaf/tree/main/packages/leaf",
    "https://token@github.com/acme/leaf/",
  ])("reads %s", (url) => {
    expect(normaliseRepository(url)).toBe("github.com/acme/leaf");
  });

  test.each([
    ["gitlab:acme/leaf", "gitlab.com/acme/leaf"],
    ["https://gitlab.com/acme/group/leaf/-/tree/main", "gitlab.com/acme/group/leaf"],
    ["ssh://git@git.example:2222/acme/leaf.git", "git.example/acme/leaf"],
    ["https://github.com.evil.example/acme/leaf", "github.com.evil.example/acme/leaf"],
    ["https://evil.example/github.com/acme/leaf", "evil.example/github.com/acme/leaf"],
  ])("tells %s from others", (url, expected) => {
    expect(normaliseRepository(url)).toBe(expected);
  });
});
