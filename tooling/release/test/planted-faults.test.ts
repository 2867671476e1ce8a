import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runInProcess } from "./support/in-process.ts";
import { expectSuccess } from "./support/tamper-template.ts";
import { startThirdParties, type ThirdParties } from "./support/third-parties.ts";
import { makeTestRoot, startProgram, type TestRoot, type TestWorkspace } from "./support/workspace.ts";

// One fault for each gate, in a workspace that passes all of them: the release must stop, and name what it found.

const config = {
  nodes: ["22.23.3", "24.21.0"],
  managers: ["npm", "pnpm"],
  gates: ["contents", "api", "licences", "advisories", "signatures", "conflicts", "docs", "rebuild", "compatibility"],
  // The third parties here are published a moment before.
  policy: { advisories: { minimumEntries: 1 }, compatibility: { minimumAgeMinutes: 0 } },
};

let root: TestRoot;
let registry: ThirdParties;
let template: TestWorkspace;

beforeAll(async () => {
  root = makeTestRoot();
  registry = await startThirdParties();
  for (const [version, files] of Object.entries(hostVersions)) {
    await registry.publish({ name: "host", version, license: "MIT" }, { files });
  }
  await registry.publish({ name: "plain", version: "1.0.0", license: "MIT" });
  await registry.publish({ name: "umbrella", version: "1.0.0", license: "MIT", deprecated: "leaks" });
  await registry.publish({ name: "umbrella", version: "1.4.0", license: "MIT" });
  await registry.publish({ name: "both", version: "1.0.0", license: "(MIT AND GPL-3.0-only)" });
  await registry.publish({ name: "attested", version: "1.0.0", license: "MIT" }, { attested: true });
  await registry.publish({ name: "attested", version: "1.0.1", license: "MIT" });
  template = root.workspace({ config });
  template.write(".npmrc", `registry=${registry.url}\n`);
  template.edit("pnpm-workspace.yaml", (text) => `${text}minimumReleaseAge: 0\n`);
  depend(template, { folder: "libs/core", dependencies: { plain: "1.0.0", attested: "1.0.0" } });
  depend(template, { folder: "libs/plugin", peerDependencies: { host: "^1.0.0" }, devDependencies: { host: "1.1.0" } });
  await lock(template);
  template.commit("third parties");
  writeAdvisory(template, "advisories/none.json", { name: "elsewhere", fixed: "1.0.0" });
  await run(template, "advisories", "import", join(template.folder, "advisories"));
  template.remove("advisories");
  expectSuccess(await template.release());
  // A rehearsal leaves the branch where it is; what comes next is based on what was released.
  template.git("reset", "--quiet", "--hard", "rehearsal/@acme/core@1.3.0");
}, 600_000);
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  root?.[Symbol.dispose]();
});

/** What a plugin may use came with 1.1.0. */
const hostVersions: Record<string, Record<string, string>> = {
  "1.0.0": { "index.js": "exports.host = 1;\n" },
  "1.1.0": { "index.js": "exports.host = 1;\nexports.extra = () => 2;\n" },
};

interface Fault {
  gate: string;
  /** What is released as a patch; default: the core. */
  changed?: string;
  /** What must stand in the output. */
  says: readonly string[];
  plant(workspace: TestWorkspace): Promise<void> | void;
}

const faults: Record<string, Fault> = {
  "a GPL dependency behind an AND": {
    gate: "licences",
    says: ["licence-refused", "both@1.0.0 is under (MIT AND GPL-3.0-only)"],
    plant: async (workspace) => {
      depend(workspace, { folder: "libs/core", dependencies: { both: "1.0.0" } });
      await lock(workspace);
    },
  },
  "a vulnerable version": {
    gate: "advisories",
    says: ["GHSA-plan-ted0-0001", "plain@1.0.0", "1.0.1"],
    plant: async (workspace) => {
      writeAdvisory(workspace, "../advisories/planted.json", { name: "plain", fixed: "1.0.1" });
      await run(workspace, "advisories", "import", join(workspace.folder, "../advisories"));
      workspace.edit("libs/core/src/index.js", (text) => `${text}// changed\n`);
    },
  },
  "an expired waiver": {
    gate: "waivers",
    says: ["waiver-expired", "expired on 2026-01-31"],
    plant: (workspace) => {
      const waiver = { gate: "licences", rule: "licence-refused", owner: "Ada", reason: "soon", expires: "2026-01-31" };
      const text = `export default ${JSON.stringify({ build: ["pnpm", "run", "build"], ...config, policy: { ...config.policy, waivers: [waiver] } })};\n`;
      workspace.write("release.config.mjs", text);
      workspace.edit("libs/core/src/index.js", (source) => `${source}// changed\n`);
    },
  },
  "a lost provenance": {
    gate: "signatures",
    says: ["provenance-lost", "attested@1.0.1"],
    plant: async (workspace) => {
      depend(workspace, { folder: "libs/core", dependencies: { attested: "1.0.1" } });
      await lock(workspace);
    },
  },
  "a breaking change called patch": {
    gate: "api",
    says: ["bump-too-small", "greet"],
    plant: (workspace) => {
      workspace.edit("libs/core/src/index.d.ts", (text) =>
        text.replace("(name: string)", "(name: string, greeting: string)"),
      );
    },
  },
  "a narrowed peer called patch": {
    gate: "api",
    changed: "@acme/plugin",
    says: ["bump-too-small", "host", "^1.1.0"],
    plant: async (workspace) => {
      depend(workspace, { folder: "libs/plugin", peerDependencies: { host: "^1.1.0" } });
      await lock(workspace);
    },
  },
  "a secret": {
    gate: "contents",
    says: ["secret", "dist/index.js"],
    plant: (workspace) => {
      const token = ["npm", "_", "Zk3vXq8Wm2Rt7Yb5Nc9Pd4Lf6Hg1Js0AaBbC"].join("");
      workspace.edit("libs/core/src/index.js", (text) => `${text}exports.token = "${token}";\n`);
    },
  },
  "a new postinstall": {
    gate: "contents",
    says: ["lifecycle-script", "postinstall"],
    plant: (workspace) => {
      workspace.edit("libs/core/package.json", (text) =>
        text.replace('"files"', '"scripts": { "postinstall": "node -e 0" }, "files"'),
      );
    },
  },
  "a deprecated dependency": {
    gate: "conflicts",
    says: ["deprecated", 'umbrella@1.0.0 is deprecated: "leaks"', "1.4.0"],
    plant: async (workspace) => {
      depend(workspace, { folder: "libs/core", dependencies: { umbrella: "1.0.0" } });
      await lock(workspace);
    },
  },
  "a build that gives other bytes each time": {
    gate: "rebuild",
    says: ["bytes-differ", "@acme/core · dist/index.js"],
    plant: (workspace) => {
      const lines = [
        'import { randomUUID } from "node:crypto";',
        'import { appendFileSync } from "node:fs";',
        'appendFileSync("libs/core/dist/index.js", `// ${randomUUID()}\\n`);',
      ];
      workspace.edit("scripts/build.mjs", (text) => `${text}${lines.join("\n")}\n`);
    },
  },
  "a link that leads nowhere": {
    gate: "docs",
    says: ["nowhere.md"],
    plant: (workspace) => {
      workspace.edit("libs/core/README.md", (text) => `${text}\nSee [more](docs/nowhere.md).\n`);
    },
  },
  "a peer floor that does not work": {
    gate: "compatibility",
    changed: "@acme/plugin",
    says: ["host", "^1.0.0", "1.1.0"],
    plant: (workspace) => {
      const source = 'import host from "host";\nexport const plugin = () => "plugin";\nhost.extra();\n';
      workspace.write("libs/plugin/src/index.js", source);
    },
  },
};

test.each(Object.entries(faults))(
  "%s stops the release, and is named",
  async (_title, fault) => {
    const { gate, changed = "@acme/core", says, plant } = fault;
    const workspace = template.copy();
    await plant(workspace);
    workspace.change({ [changed]: "patch" });
    workspace.commit();
    const before = workspace.git("tag");
    const ended = await workspace.release();
    expect(ended.exitCode, ended.text).toBe(14);
    expect(ended.stderr).toMatch(new RegExp(`^GATE_FAILED: .*\\b${gate}\\b`, "m"));
    for (const text of says) expect(ended.stdout).toContain(text);
    expect(workspace.git("tag")).toBe(before);
  },
  300_000,
);

interface Dependencies {
  folder: string;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

function depend(workspace: TestWorkspace, { folder, ...added }: Dependencies): void {
  workspace.edit(`${folder}/package.json`, (text) => {
    const manifest = JSON.parse(text) as Record<string, object>;
    for (const [field, entries] of Object.entries(added)) manifest[field] = { ...manifest[field], ...entries };
    return `${JSON.stringify(manifest, null, 2)}\n`;
  });
}

/** Not blocking: the registry is in this process. */
async function lock({ folder }: TestWorkspace): Promise<void> {
  const ended = await startProgram(["pnpm", "install", "--lockfile-only"], { cwd: folder, env: root.env }).ended;
  expect(ended.exitCode, ended.text).toBe(0);
}

async function run(workspace: TestWorkspace, ...args: string[]): Promise<void> {
  const ended = await runInProcess([...args, "--cwd", workspace.folder]);
  expect(ended.exitCode, ended.text).toBe(0);
}

function writeAdvisory(workspace: TestWorkspace, path: string, { name, fixed }: { name: string; fixed: string }): void {
  workspace.write(path, {
    schema_version: "1.7.0",
    id: "GHSA-plan-ted0-0001",
    modified: new Date().toISOString(),
    published: "2026-11-01T00:00:00Z",
    summary: "A planted vulnerability",
    database_specific: { severity: "HIGH" },
    affected: [
      {
        package: { ecosystem: "npm", name },
        ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed }] }],
      },
    ],
  });
}
