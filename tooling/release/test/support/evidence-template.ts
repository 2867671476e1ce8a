import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { runLibrary, runVerifierFile } from "./run-verifiers.ts";
import { expectSuccess } from "./tamper-template.ts";
import { makeTestRoot, type TestRoot, type TestWorkspace } from "./workspace.ts";

/** A date so many days from now, UTC. */
export const daysFromNow = (days: number): string =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** The waiver that the release needs: a package of it has no README. */
export const waiver = {
  gate: "contents",
  rule: "required-readme",
  package: "@acme/left",
  owner: "Ada <ada@acme.example>",
  reason: "It comes with 2.0.",
  expires: daysFromNow(30),
};

const config = {
  nodes: ["22.23.3", "24.21.0"],
  gates: ["contents", "advisories", "rebuild"],
  policy: { waivers: [waiver], rehearsal: { mayNotRun: ["advisories"] } },
};

/** A workspace that has released twice, once with a waiver and twice without advisories, and copies of its evidence. */
export interface EvidenceTemplate {
  readonly root: TestRoot;
  readonly workspace: TestWorkspace;
  /** Evidence of both releases, relative to the workspace. */
  readonly releases: readonly [string, string];
  /** A copy to tamper with: the second release's evidence, and the trust root that it is checked with. */
  copy(): { copy: TestWorkspace; folder: string; trust: string };
}

/** A template for all tests of a file: it is there once they run. */
export function useEvidenceTemplate(): EvidenceTemplate {
  let root: TestRoot | undefined;
  let made: { workspace: TestWorkspace; releases: [string, string] } | undefined;
  beforeAll(async () => {
    root = makeTestRoot();
    made = await makeReleases(root);
  });
  afterAll(() => root?.[Symbol.dispose]());
  const get = () => {
    if (root === undefined || made === undefined) throw new Error("the template is there when a test runs");
    return { root, ...made };
  };
  return {
    get root() {
      return get().root;
    },
    get workspace() {
      return get().workspace;
    },
    get releases() {
      return get().releases;
    },
    copy: () => {
      const { workspace, releases } = get();
      const copy = workspace.copy();
      return { copy, folder: join(copy.folder, releases[1]), trust: join(copy.folder, ".hxp/trust") };
    },
  };
}

async function makeReleases(root: TestRoot) {
  const workspace = root.workspace({ config });
  workspace.remove("libs/left/README.md");
  workspace.commit();
  const release = async (): Promise<string> => {
    const run = await workspace.release(["--json"]);
    expectSuccess(run);
    return (JSON.parse(run.stdout) as { evidence: string }).evidence.slice(workspace.folder.length + 1);
  };
  const first = await release();
  workspace.change({ "@acme/left": "minor" });
  workspace.commit();
  return { workspace, releases: [first, await release()] as [string, string] };
}

/** Runs both verifiers; both must refuse, each for its reason. */
export async function expectRefused(
  { folder, trust }: { folder: string; trust: string },
  [library, file]: [RegExp, RegExp],
) {
  expect(runLibrary(folder, trust), "the library").toEqual({
    outcome: "refused",
    problem: expect.stringMatching(library) as string,
  });
  expect(await runVerifierFile(folder, trust), "the file").toEqual({
    outcome: "refused",
    problem: expect.stringMatching(file) as string,
  });
}

/** Changes a file's text; one that stays the same is an error of the test. */
export function edit(path: string, change: (text: string) => string): void {
  const before = readFileSync(path, "utf8");
  const after = change(before);
  expect(after, path).not.toBe(before);
  writeFileSync(path, after);
}

/** A bundle, as far as tests change it. */
export interface BundleJson {
  dsseEnvelope: { payload: string; signatures: { sig: string }[] };
  verificationMaterial: {
    publicKey?: { hint: string };
    certificate?: { rawBytes: string };
    tlogEntries: {
      integratedTime: string;
      inclusionProof: { hashes: string[]; checkpoint: { envelope: string } };
    }[];
  };
}

/** Changes a bundle. */
export function editBundle(path: string, change: (bundle: BundleJson) => void): void {
  edit(path, (text) => {
    const bundle = JSON.parse(text) as BundleJson;
    change(bundle);
    return `${JSON.stringify(bundle)}\n`;
  });
}
