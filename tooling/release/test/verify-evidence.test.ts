import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createSigningKey, readTrust, type TrustedKey, writeTrust } from "@hxp/evidence";
import {
  renderReleaseFacts,
  renderStatementFacts,
  verifyBundleFile,
  verifyEvidenceFolder,
} from "@hxp/evidence/release";
import {
  type BundleJson,
  edit,
  editBundle,
  expectRefused,
  useEvidenceTemplate,
  waiver,
} from "./support/evidence-template.ts";
import { openForger } from "./support/forge-evidence.ts";
import { runFile, runLibrary, runVerifierFile, verifierFile } from "./support/run-verifiers.ts";
import { expectSuccess } from "./support/tamper-template.ts";

const template = useEvidenceTemplate();

describe("a real release", () => {
  test.each(["first", "second"])("passes both verifiers, which say the same of it: the %s", async (which) => {
    const [folder, trust] = [
      join(template.workspace.folder, template.releases[which === "first" ? 0 : 1]),
      join(template.workspace.folder, ".hxp/trust"),
    ];
    const said = await runVerifierFile(folder, trust);
    expect(said).toEqual(JSON.parse(JSON.stringify(runLibrary(folder, trust))));
    expect(said).toMatchObject({
      outcome: "verified",
      isRehearsal: true,
      rebuild: { result: "identical", observed: { "first Node": "24.21.0", "second Node": "22.23.3" } },
      endings: [{ outcome: "promoted" }],
      signers: [{ name: "release" }],
      log: { grownFrom: which === "first" ? null : expect.any(Number) },
    });
    expect(said["notJudged"]).toEqual(["api", "licences", "signatures", "conflicts", "docs", "compatibility"]);
    expect(said["notRun"]).toEqual([{ gate: "advisories", reason: expect.any(String) as string }]);
    expect(said["waivers"]).toEqual([
      expect.objectContaining({ gate: "advisories", rule: "not-run", owner: "policy rehearsal.mayNotRun" }),
      { ...waiver, daysLeft: 30 },
    ]);
  });

  test("carries the verifier, to the byte as it is published, and passes by it", async () => {
    const [folder, trust] = [
      join(template.workspace.folder, template.releases[1]),
      join(template.workspace.folder, ".hxp/trust"),
    ];
    const carried = join(folder, "verify.mjs");
    expect(readFileSync(carried)).toEqual(readFileSync(verifierFile));
    expect(await runVerifierFile(folder, trust, carried)).toMatchObject({ outcome: "verified" });
  });

  test("passes after a rollback, as rolled back", { timeout: 120_000 }, async () => {
    const { copy, folder, trust } = template.copy();
    expectSuccess(await copy.release(["rollback", "--reason", "It loses streams."]));
    const said = await runVerifierFile(folder, trust);
    expect(said).toEqual(JSON.parse(JSON.stringify(runLibrary(folder, trust))));
    expect(said).toMatchObject({
      outcome: "verified",
      endings: [{ outcome: "promoted" }, { outcome: "rolled-back", reason: "It loses streams." }],
    });
    const { stdout } = await runFile([folder, "--trusted-root", trust]);
    expect(stdout).toMatch(/\nROLLED-BACK: It loses streams\.\n\nverified\n$/);
  });

  test("is said to lack the gates that a rehearsal has left out", async () => {
    const { folder, trust } = template.copy();
    const { stdout } = await runFile([folder, "--trusted-root", trust]);
    expect(stdout).toMatch(/\nNOT JUDGED: api\nNOT JUDGED: licences\n[^]*\n\nverified\n$/);
    const identity = { key: "release" };
    const { facts } = verifyEvidenceFolder(folder, { trust: readTrust(trust), identity });
    expect(renderReleaseFacts(facts)).toMatch(/^not judged {2}NOT JUDGED: no gate looked at api, licences, /m);
    const summary = verifyBundleFile(join(folder, "packages/acme-left-1.1.0/verification-summary.sigstore.json"), {
      trust: readTrust(trust),
      identity,
    });
    expect(renderStatementFacts((await summary).facts)).toMatch(/^not judged {2}NOT JUDGED: .*\bcompatibility$/m);
  });
});

describe("the verifier in one file", () => {
  test.each([["--help"], ["-h"]])("says how it is used, and that it has verified nothing: %s", async (option) => {
    const { exitCode, stdout } = await runFile([option]);
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/\nusage: node verify-release\.mjs <evidence folder> --trusted-root <file>/);
  });

  test("names an option that it does not know, and those that it knows", async () => {
    const { folder, trust } = template.copy();
    const { exitCode, stdout } = await runFile([folder, "--trusted-root", trust, "--trust-me"]);
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(
      /^Unknown option '--trust-me'\n\nusage: .*--trusted-root <file> \[--key <name>\] \[--json\]\n$/,
    );
  });
});

describe("both verifiers refuse", () => {
  const simple: [string, (folder: string) => void, RegExp, RegExp][] = [
    [
      "a tarball with another byte",
      (folder) => edit(join(folder, "tarballs/acme-left-1.1.0.tgz"), (text) => `${text} `),
      /acme-left-1\.1\.0\.tgz has the digest/,
      /^tarballs\/acme-left-1\.1\.0\.tgz has other bytes than the signed plan names/,
    ],
    [
      "another plan",
      (folder) => edit(join(folder, "plan.json"), (text) => text.replace('"version": "1.1.0"', '"version": "1.1.1"')),
      /digest of plan\.json is not in the statement/,
      /^plan\.sigstore\.json is not about plan\.json with the sha256/,
    ],
    [
      "a plan with a key that stands twice",
      (folder) => edit(join(folder, "plan.json"), (text) => text.replace("{\n", '{\n  "channel": "next",\n')),
      /plan\.json is not a plan as it was written/,
      /^plan\.json is not JSON as it is written/,
    ],
    [
      "a record with a key that stands twice",
      (folder) => edit(join(folder, "record.sigstore.json"), (text) => text.replace("{", '{"mediaType":"x",')),
      /record\.sigstore\.json is not JSON as it is written/,
      /^record\.sigstore\.json is not JSON as it is written/,
    ],
    [
      "a file that was taken away",
      (folder) => rmSync(join(folder, "release-notes.md")),
      /release-notes\.md is missing, and record\.sigstore\.json vouches for it/,
      /^release-notes\.md is missing/,
    ],
    [
      "a file that was put there",
      (folder) => writeFileSync(join(folder, "gates/approved.txt"), "by the boss\n"),
      /gates\/approved\.txt is not in record\.sigstore\.json/,
      /^gates\/approved\.txt is not in record\.sigstore\.json/,
    ],
    [
      "a link in place of a file",
      (folder) => {
        renameSync(join(folder, "journal.jsonl"), join(folder, "../elsewhere"));
        symlinkSync("../elsewhere", join(folder, "journal.jsonl"));
      },
      /journal\.jsonl is not a file/,
      /journal\.jsonl is not a file/,
    ],
    [
      "the record of another release",
      (folder) =>
        copyFileSync(
          join(folder, "../..", template.releases[0].replace(".hxp/", ""), "record.sigstore.json"),
          join(folder, "record.sigstore.json"),
        ),
      /digest of plan\.json is not in the statement/,
      /^record\.sigstore\.json is not about plan\.json/,
    ],
    [
      "a bundle that ends in its middle",
      (folder) => edit(join(folder, "record.sigstore.json"), (text) => text.slice(0, 500)),
      /record\.sigstore\.json is not JSON/,
      /^record\.sigstore\.json cannot be read: /,
    ],
    [
      "a bundle without what it should hold",
      (folder) => writeFileSync(join(folder, "record.sigstore.json"), "{}\n"),
      /the bundle is refused/,
      /^record\.sigstore\.json cannot be read: /,
    ],
    [
      "a verifier that says yes to everything",
      (folder) => writeFileSync(join(folder, "verify.mjs"), "process.exitCode = 0;\n"),
      /verify\.mjs is not what record\.sigstore\.json vouches for/,
      /^verify\.mjs is not what record\.sigstore\.json vouches for/,
    ],
    [
      "another checkpoint",
      (folder) => edit(join(folder, "log/checkpoint"), (text) => text.replace(/\n\d+\n/, "\n3\n")),
      /does not lead to the checkpoint beside it/,
      /^log\/checkpoint has a checkpoint that no log of the trust root has signed/,
    ],
    [
      "a proof of consistency that was cut",
      (folder) =>
        edit(join(folder, "log/consistency.json"), (text) => {
          const claim = JSON.parse(text) as { proof: { hashes: string[] } };
          claim.proof.hashes.pop();
          return `${JSON.stringify(claim, null, 2)}\n`;
        }),
      /does not begin with that of/,
      /^log\/consistency\.json does not prove that the log only grew/,
    ],
    [
      "a proof of consistency that was taken away",
      (folder) => rmSync(join(folder, "log/consistency.json")),
      /consistency\.json is missing, and the record names a release before/,
      /^log\/consistency\.json is missing/,
    ],
    [
      "another log time",
      (folder) =>
        editBundle(join(folder, "plan.sigstore.json"), ({ verificationMaterial: { tlogEntries } }) => {
          tlogEntries[0]!.integratedTime = String(Number(tlogEntries[0]!.integratedTime) - 1);
        }),
      /inclusion promise/,
      /^plan\.sigstore\.json has a log time that the log did not sign/,
    ],
    [
      "another inclusion proof",
      (folder) =>
        editBundle(join(folder, "plan.sigstore.json"), ({ verificationMaterial: { tlogEntries } }) => {
          const { hashes } = tlogEntries[0]!.inclusionProof;
          hashes[0] = Buffer.alloc(32).toString("base64");
        }),
      /inclusion proof|root hash/,
      /^plan\.sigstore\.json is not where its inclusion proof says/,
    ],
    [
      "an entry's checkpoint over another root",
      (folder) =>
        editBundle(join(folder, "plan.sigstore.json"), ({ verificationMaterial: { tlogEntries } }) => {
          const { checkpoint } = tlogEntries[0]!.inclusionProof;
          checkpoint.envelope = checkpoint.envelope.replace(/(\n\d+\n)./, "$1/");
        }),
      /checkpoint/,
      /^plan\.sigstore\.json has a checkpoint that no log of the trust root has signed/,
    ],
    [
      "the log entry of another signature",
      (folder) =>
        editBundle(join(folder, "plan.sigstore.json"), ({ verificationMaterial }) => {
          const text = readFileSync(join(folder, "gates/contents.sigstore.json"), "utf8");
          verificationMaterial.tlogEntries = (JSON.parse(text) as BundleJson).verificationMaterial.tlogEntries;
        }),
      /entry|tlog|payload/i,
      /^plan\.sigstore\.json has another's log entry/,
    ],
    [
      "two signatures where one is logged",
      (folder) =>
        editBundle(join(folder, "plan.sigstore.json"), ({ dsseEnvelope }) => {
          dsseEnvelope.signatures.push(...dsseEnvelope.signatures);
        }),
      /the bundle is refused/,
      /^plan\.sigstore\.json has more than one signature/,
    ],
    [
      "another payload under the signature",
      (folder) =>
        editBundle(join(folder, "plan.sigstore.json"), ({ dsseEnvelope }) => {
          const text = Buffer.from(dsseEnvelope.payload, "base64").toString().replace("latest", "l4test");
          dsseEnvelope.payload = Buffer.from(text).toString("base64");
        }),
      /signature|payload|tlog/i,
      /^plan\.sigstore\.json has a signature that does not fit/,
    ],
  ];

  test.each(simple)("%s", async (_what, tamper, library, file) => {
    const { folder, trust } = template.copy();
    tamper(folder);
    await expectRefused({ folder, trust }, [library, file]);
  });

  test("one byte more in any file", { timeout: 120_000 }, async () => {
    const { folder, trust } = template.copy();
    const files = readdirSync(folder, { recursive: true, encoding: "utf8", withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(25);
    for (const { parentPath, name } of files) {
      const path = join(parentPath, name);
      const before = readFileSync(path);
      writeFileSync(path, Buffer.concat([before, Buffer.from(" ")]));
      expect(runLibrary(folder, trust).outcome, path).toBe("refused");
      expect((await runVerifierFile(folder, trust)).outcome, path).toBe("refused");
      writeFileSync(path, before);
    }
    expect(runLibrary(folder, trust).outcome).toBe("verified");
  });
});

describe("both verifiers hold by the trust root that the auditor brings", () => {
  const changeKeys = (trust: string, change: (key: TrustedKey) => TrustedKey): void => {
    const { trustedRoot, keys } = readTrust(trust);
    writeTrust(trust, { trustedRoot, keys: keys.map(change) });
  };

  test("a key that ended before it signed does not count", async () => {
    const { folder, trust } = template.copy();
    changeKeys(trust, (key) => ({ ...key, validFor: { start: "2026-01-01T00:00:00Z", end: "2026-01-02T00:00:00Z" } }));
    await expectRefused({ folder, trust }, [
      /trusted 2026-01-01T00:00:00Z to 2026-01-02T00:00:00Z|key/i,
      /when its key does not count/,
    ]);
  });

  test("a key that begins after it signed does not count", async () => {
    const { folder, trust } = template.copy();
    changeKeys(trust, (key) => ({ ...key, validFor: { start: new Date(Date.now() + 60_000).toISOString() } }));
    await expectRefused({ folder, trust }, [/key/i, /when its key does not count/]);
  });

  test("a log whose key ended before it took the entries does not count", async () => {
    const { folder, trust } = template.copy();
    const { trustedRoot, keys } = readTrust(trust);
    const validFor = { start: "2026-01-01T00:00:00Z", end: "2026-01-02T00:00:00Z" };
    const tlogs = trustedRoot.tlogs?.map((log) => ({ ...log, publicKey: { ...log.publicKey, validFor } }));
    writeTrust(trust, { trustedRoot: { ...trustedRoot, ...(tlogs && { tlogs }) }, keys });
    await expectRefused({ folder, trust }, [/log|promise|key/i, /was logged when the log's key did not count/]);
  });

  test("another workspace's trust root knows neither key nor log", { timeout: 120_000 }, async () => {
    const { folder } = template.copy();
    const stranger = template.root.workspace();
    expectSuccess(await stranger.release(["keys"]));
    await expectRefused({ folder, trust: join(stranger.folder, ".hxp/trust") }, [
      /trust has no key/,
      /which the trust root does not name/,
    ]);
  });

  test("a key of another name, or one that may not sign statements, is none", async () => {
    const { folder, trust } = template.copy();
    changeKeys(trust, (key) => ({ ...key, name: "intern" }));
    await expectRefused({ folder, trust }, [
      /signed by the key intern, expected the key release/,
      /has no key named release/,
    ]);
    changeKeys(trust, (key) => ({ ...key, name: "release", purposes: ["registry"] }));
    await expectRefused({ folder, trust }, [
      /may not sign statements/,
      /has no key named release that may sign statements/,
    ]);
  });

  test("a signature by another key is refused, under its own name and under that of the release key", async () => {
    const { copy, folder, trust } = template.copy();
    using forger = await openForger(copy, folder);
    const [thief, bundle] = [createSigningKey(), "packages/acme-left-1.1.0/provenance.sigstore.json"];
    await forger.sign(bundle, (statement) => statement, thief);
    await forger.vouch();
    await expectRefused({ folder, trust }, [
      /trust has no key/,
      /is signed by the key .* which the trust root does not name/,
    ]);
    const hint = readTrust(trust).keys[0]?.hint ?? "";
    editBundle(join(folder, bundle), ({ verificationMaterial }) => (verificationMaterial.publicKey = { hint }));
    await forger.vouch();
    await expectRefused({ folder, trust }, [/signature/i, /has a signature that does not fit/]);
  });

  test("the file says of a certificate's signature that it cannot verify it, and does not skip it", async () => {
    const { copy, folder, trust } = template.copy();
    using forger = await openForger(copy, folder);
    editBundle(join(folder, "packages/acme-left-1.1.0/sbom.sigstore.json"), ({ verificationMaterial }) => {
      delete verificationMaterial.publicKey;
      verificationMaterial.certificate = { rawBytes: Buffer.from("a certificate").toString("base64") };
    });
    await forger.vouch();
    await expectRefused({ folder, trust }, [/bundle/, /not verifiable by this file, use hxp evidence verify/]);
  });

  test("the file takes no trust root from the folder, and none that is not there: bad usage", async () => {
    const { folder, trust } = template.copy();
    expect(existsSync(join(folder, "trust/trusted_root.json"))).toBe(true);
    const inside = await runVerifierFile(folder, join(folder, "trust"));
    expect(inside).toEqual({ outcome: "usage", problem: "a trust root from the folder proves nothing" });
    expect((await runVerifierFile(folder, join(trust, "nowhere"))).outcome).toBe("usage");
  });
});
