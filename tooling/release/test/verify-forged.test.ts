import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { daysFromNow, edit, expectRefused, useEvidenceTemplate, waiver } from "./support/evidence-template.ts";
import { everyGate, importAdvisories } from "./support/every-gate.ts";
import { type Forger, openForger, withPredicate } from "./support/forge-evidence.ts";
import { startLyingRegistry } from "./support/lying-registry.ts";
import { runLibrary, runVerifierFile } from "./support/run-verifiers.ts";
import { expectSuccess } from "./support/tamper-template.ts";

const template = useEvidenceTemplate();

describe("both verifiers refuse what whoever holds the release key has forged", () => {
  const left = "packages/acme-left-1.1.0";
  const forged: [string, (forger: Forger, folder: string) => Promise<void>, RegExp, RegExp][] = [
    [
      "swapped results of gates",
      async (_forger, folder) => {
        const [one, other] = ["contents", "rebuild"].map((gate) => join(folder, `gates/${gate}.json`)) as [
          string,
          string,
        ];
        const kept = readFileSync(one);
        cpSync(other, one);
        writeFileSync(other, kept);
      },
      /contents\.json is not the result that was signed/,
      /^gates\/contents\.json is not the result that was signed/,
    ],
    [
      "another finding of a gate",
      async (_forger, folder) =>
        edit(join(folder, "gates/contents.json"), (text) => text.replace(waiver.owner, "nobody")),
      /contents\.json is not the result that was signed/,
      /^gates\/contents\.json is not the result that was signed/,
    ],
    [
      "statements about another package's bytes",
      async (_forger, folder) =>
        cpSync(
          join(folder, "packages/acme-right-1.1.0/provenance.sigstore.json"),
          join(folder, left, "provenance.sigstore.json"),
        ),
      /the statement has no subject pkg:npm\/%40acme\/left@1\.1\.0/,
      /provenance\.sigstore\.json is not about pkg:npm\/%40acme\/left@1\.1\.0/,
    ],
    [
      "an SBOM in the place of the provenance",
      async (_forger, folder) =>
        cpSync(join(folder, left, "sbom.sigstore.json"), join(folder, left, "provenance.sigstore.json")),
      /the statement is a https:\/\/cyclonedx\.org\/bom, expected https:\/\/slsa\.dev\/provenance\/v1/,
      /provenance\.sigstore\.json is a statement of another type, https:\/\/cyclonedx\.org\/bom/,
    ],
    [
      "provenance of another commit",
      (forger) =>
        forger.sign(`${left}/provenance.sigstore.json`, (statement) => {
          const { buildDefinition } = statement.predicate as { buildDefinition: object };
          const resolvedDependencies = [{ uri: "git+https://acme.example/x", digest: { gitCommit: "0".repeat(40) } }];
          return withPredicate({ buildDefinition: { ...buildDefinition, resolvedDependencies } })(statement);
        }),
      /provenance\.sigstore\.json is not of the commit/,
      /provenance\.sigstore\.json is not of the commit/,
    ],
    [
      "an SBOM that says something else than the signed one",
      async (_forger, folder) =>
        edit(join(folder, left, "sbom.cdx.json"), (text) => text.replace('"build"', '"post-build"')),
      /sbom\.cdx\.json is not the SBOM that was signed/,
      /sbom\.cdx\.json is not the SBOM that was signed/,
    ],
    [
      "PASSED over a gate that failed",
      (forger) => forger.judge("contents", (result) => ({ ...result, verdict: "failed" })),
      /contents\.json says failed/,
      /^gates\/contents\.json says failed/,
    ],
    [
      "passed over an error",
      (forger) => forger.judge("contents", (result) => ({ ...result, verdict: "passed" })),
      /says passed and names an error/,
      /says passed, and its findings say something else/,
    ],
    [
      "a gate that looked at nothing",
      (forger) => forger.judge("rebuild", (result) => ({ ...result, checked: 0 })),
      /says passed and looked at nothing/,
      /says passed and looked at nothing/,
    ],
    [
      "a gate that did not run, and nothing excuses it",
      (forger) =>
        forger.judge("advisories", (result) => ({
          ...result,
          findings: result.findings.map(({ waiver: _waiver, ...finding }) => finding),
        })),
      /says not-run, and nothing excuses it/,
      /says not-run, which only the policy of a rehearsal excuses/,
    ],
    [
      "a waiver that was over when the gate ran",
      (forger) => forger.judge("contents", (result) => withExpiry(result, daysFromNow(-2))),
      /waiver of required-readme that did not count when the gate ran/,
      /has a waiver that did not count when the gate ran/,
    ],
    [
      "a waiver for longer than a waiver may be",
      (forger) => forger.judge("contents", (result) => withExpiry(result, daysFromNow(200))),
      /waiver of required-readme that did not count when the gate ran/,
      /has a waiver that did not count when the gate ran/,
    ],
    [
      "a summary that does not say PASSED",
      (forger) =>
        forger.sign(`${left}/verification-summary.sigstore.json`, withPredicate({ verificationResult: "FAILED" })),
      /does not say PASSED/,
      /does not say PASSED/,
    ],
    [
      "a summary that hides a gate that did not run",
      (forger) => forger.sign(`${left}/verification-summary.sigstore.json`, withPredicate({ notRun: {} })),
      /names other gates that did not run than are here/,
      /hides a gate that did not run/,
    ],
    [
      "a summary that hides which gates were not judged",
      (forger) => forger.sign(`${left}/verification-summary.sigstore.json`, withPredicate({ notJudged: ["api"] })),
      /names other gates that were not judged than are missing here/,
      /hides a gate that was not judged/,
    ],
    [
      "a summary that hides a waiver",
      (forger) => forger.sign(`${left}/verification-summary.sigstore.json`, withPredicate({ waivers: [] })),
      /does not name every waiver that was needed/,
      /does not name every waiver that was needed/,
    ],
    [
      "a summary that claims an identical second build of none",
      (forger) =>
        forger.sign(
          `${left}/verification-summary.sigstore.json`,
          withPredicate({ verifiedLevels: ["SLSA_BUILD_LEVEL_1"] }),
        ),
      /something else of the second build than its gate/,
      /misstates the rebuild/,
    ],
    [
      "a summary that rests on nothing",
      (forger) => forger.sign(`${left}/verification-summary.sigstore.json`, withPredicate({ inputAttestations: [] })),
      /rests on other statements than are here/,
      /rests on other statements than are here/,
    ],
    [
      "a smoke test that failed",
      (forger) => forger.sign("smoke/smoke.sigstore.json", withPredicate({ result: "FAILED" })),
      /smoke\.sigstore\.json says FAILED/,
      /smoke\.sigstore\.json says FAILED/,
    ],
  ];

  test.each(forged)("%s", async (_what, forge, library, file) => {
    const { copy, folder, trust } = template.copy();
    using forger = await openForger(copy, folder);
    await forger.vouch();
    expect(runLibrary(folder, trust).outcome, "before").toBe("verified");
    await forge(forger, folder);
    await forger.vouch();
    await expectRefused({ folder, trust }, [library, file]);
  });

  test("a gate that did not run or is left out, in a release that left the machine", { timeout: 120_000 }, async () => {
    await using registry = await startLyingRegistry(template.root.path);
    const registries = { company: { url: registry.url, acceptFirstLatest: true } };
    const workspace = template.root.workspace({ config: { ...everyGate, registries } });
    await importAdvisories(workspace);
    const run = await workspace.release(["--to", "company", "--json"], { NPM_TOKEN: registry.token });
    expectSuccess(run);
    const [folder, trust] = [
      (JSON.parse(run.stdout) as { evidence: string }).evidence,
      join(workspace.folder, ".hxp/trust"),
    ];
    expect(await runVerifierFile(folder, trust)).toMatchObject({
      outcome: "verified",
      isRehearsal: false,
      notJudged: [],
      notRun: [],
    });
    cpSync(folder, `${folder}.whole`, { recursive: true });
    using forger = await openForger(workspace, folder);
    const excuse = { gate: "contents", rule: "not-run", severity: "error", waiver: { ...waiver, rule: "not-run" } };
    await forger.judge("contents", (result) => ({ ...result, verdict: "not-run", findings: [excuse] }));
    await forger.vouch();
    await expectRefused({ folder, trust }, [
      /says not-run, which only a rehearsal excuses/,
      /says not-run, which only the policy of a rehearsal excuses/,
    ]);
    rmSync(folder, { recursive: true });
    renameSync(`${folder}.whole`, folder);
    await forger.drop("api");
    await forger.vouch();
    await expectRefused({ folder, trust }, [
      /gates lacks gates that only a rehearsal may leave out: api$/,
      /^gates holds no result of api$/,
    ]);
  });
});

function withExpiry<T extends { findings: { waiver?: object }[] }>(result: T, expires: string): T {
  return {
    ...result,
    findings: result.findings.map((finding) => ({ ...finding, waiver: { ...finding.waiver, expires } })),
  };
}
