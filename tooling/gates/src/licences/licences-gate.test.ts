import { rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type GateInput,
  type GatePackage,
  type GateResult,
  licencesGate,
  readReleaseLicences,
  type ReleasePolicyInput,
  renderNotices,
  runGates,
} from "@hxp/release-gates";
import { installWorkspace, type InstalledWorkspace } from "../../test/install-workspace.ts";
import { makeInput, rulesOf } from "../../test/make-input.ts";

let workspace: InstalledWorkspace;
beforeAll(async () => {
  workspace = await installWorkspace();
});
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
  await rm(workspace.folder, { recursive: true, force: true });
});

const packageOf = (name: string, folder: string): GatePackage => ({
  name,
  version: "1.0.0",
  folder,
  private: false,
  manifest: {},
  tarball: { path: "", integrity: "" },
});
const library = packageOf("@acme/library", "packages/library");
const application = packageOf("@acme/application", "packages/application");

function inputFor(packages: GatePackage[], policy: ReleasePolicyInput = {}): GateInput {
  const registry: GateInput["registry"] = (name, version) =>
    Promise.resolve(workspace.registry.find(name, version) as Awaited<ReturnType<GateInput["registry"]>>);
  return makeInput(workspace.folder, { packages, policy, registry });
}

async function judge(packages: GatePackage[], policy: ReleasePolicyInput = {}): Promise<GateResult> {
  const [result] = await runGates([licencesGate], inputFor(packages, policy));
  return result!;
}

/** Everything that is wrong with the application, put right. */
const clarified: ReleasePolicyInput = {
  licences: {
    ownLicences: ["UNLICENSED"],
    clarifications: ["both@1.0.0", "native-elsewhere@1.0.0", "silent@1.0.0"].map((id) => ({
      package: id,
      licence: "MIT",
      reason: "Read in its repository",
    })),
  },
};

describe("licencesGate", () => {
  test("passes a closure of allowed licences and counts the package with it", async () => {
    const result = await judge([library]);
    expect(result).toMatchObject({ verdict: "passed", checked: 3, findings: [] });
    expect(result.inputs).toEqual([{ name: "pnpm-lock.yaml", digest: expect.stringMatching(/^sha256:/) }]);
  });

  test("finds copyleft behind an AND, in another platform's binary, in no licence, and in our own", async () => {
    const { verdict, findings } = await judge([application]);
    expect(verdict).toBe("failed");
    expect(findings.map(({ rule, where, package: name }) => [rule, where, name])).toEqual([
      ["licence-missing", "@acme/application@2.0.0 > silent@1.0.0", "@acme/application"],
      ["licence-refused", "@acme/application@2.0.0", "@acme/application"],
      ["licence-refused", "@acme/application@2.0.0 > choice@1.0.0 > both@1.0.0", "@acme/application"],
      ["licence-refused", "@acme/application@2.0.0 > native@1.0.0 > native-elsewhere@1.0.0", "@acme/application"],
    ]);
    expect(findings[2]!.message).toContain("does not allow GPL-3.0-only");
  });

  test("fails on a package that is neither installed nor known to the registry", async () => {
    const input = { ...inputFor([application], clarified), registry: () => Promise.resolve(undefined) };
    const [result] = await runGates([licencesGate], input);
    expect(result!.findings).toMatchObject([
      { rule: "licence-unknown", where: "@acme/application@2.0.0 > native@1.0.0 > native-nowhere@1.0.0" },
    ]);
  });

  test("does not take the registry's word for another version", async () => {
    const registry = () => Promise.resolve({ name: "native-nowhere", version: "9.9.9", license: "MIT" });
    const [result] = await runGates([licencesGate], { ...inputFor([application], clarified), registry });
    expect(rulesOf(result!)).toEqual(["licence-unknown"]);
  });

  test("takes a clarification for exactly one version, before what the package says", async () => {
    expect(await judge([application], clarified)).toMatchObject({ verdict: "passed", findings: [] });
    const other = { package: "silent@1.0.1", licence: "MIT", reason: "x" };
    const result = await judge([application], { licences: { clarifications: [other] } });
    expect(rulesOf(result)).toEqual(["clarification-unused", "licence-missing", "licence-refused"]);
  });

  test("needs every licence of a deprecated list, because nobody knows whether it meant a choice", async () => {
    const allow = ["MIT", "ISC", "BSD-3-Clause"];
    const result = await judge([application], { licences: { ...clarified.licences, allow } });
    expect(result.findings).toMatchObject([
      { rule: "licence-refused", message: expect.stringContaining("deprecated") },
    ]);
  });

  test("fails as a whole when the policy allows something that is no licence", async () => {
    const result = await judge([library], { licences: { allow: ["MIT OR ISC"] } });
    expect(rulesOf(result)).toEqual(["gate-crashed"]);
    expect(result.reason).toContain('"MIT OR ISC"');
  });
});

describe("readReleaseLicences", () => {
  test("says where each licence was read, and who made the package", async () => {
    const { facts } = await readReleaseLicences(inputFor([application]));
    const source = (id: string): string | undefined => facts.get(id)?.source;
    expect(["leaf@1.2.0", "native-elsewhere@1.0.0", "@acme/library@1.0.0"].map(source)).toEqual([
      "installed",
      "registry",
      "workspace",
    ]);
    expect(facts.get("leaf@1.2.0")!.contact).toEqual({
      name: "Lea F",
      email: "lea@example.com",
      url: "https://example.com/lea",
    });
  });
});

describe("renderNotices", () => {
  test("carries each third-party package with licence and text, and the same bytes each time", async () => {
    const render = async (): Promise<string> => {
      const { closures, facts } = await readReleaseLicences(inputFor([library]));
      return renderNotices(closures[0]!, facts);
    };
    const notices = await render();
    expect(await render()).toBe(notices);
    expect(notices).toContain("plain@1.0.0\nLicence: MIT\n\nLicence text of plain\n");
    expect(notices.indexOf("leaf@1.2.0")).toBeLessThan(notices.indexOf("plain@1.0.0"));
  });

  test("does not follow a link in a package to a file of this machine", async () => {
    const secret = join(workspace.folder, "secret.txt");
    await writeFile(secret, "not for publication");
    await symlink(secret, join(workspace.folder, "packages/library/node_modules/plain/NOTICE"));
    const { closures, facts } = await readReleaseLicences(inputFor([library]));
    expect(renderNotices(closures[0]!, facts)).not.toContain("not for publication");
  });
});
