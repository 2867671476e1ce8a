import { existsSync, realpathSync, type Stats, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { HxpError } from "@hxp/errors";
import { type IdentityPolicy, readTrust } from "@hxp/evidence";
import {
  evidenceFiles,
  openRegistrySource,
  renderReleaseFacts,
  renderStatementFacts,
  verifyBundleFile,
  verifyEvidenceFolder,
  type VerifyOptions,
  verifyPublishedPackage,
} from "@hxp/evidence/release";
import type { Command } from "commander";
import { addCommand, addGroup, type CommonFlags, printResult } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";

interface EvidenceFlags extends CommonFlags {
  trustedRoot?: string;
  registry?: string;
  evidence?: string;
  file?: string;
  key: string;
  identity?: string;
  issuer?: string;
}

/** `hxp evidence`: what signed statements prove of a release, a package or a file. */
export function addEvidenceCommand(program: Command, world: CliWorld): void {
  const evidence = addGroup(program, "evidence", "verify what is said about packages");
  addCommand(evidence, {
    words: "verify <what>",
    description:
      "say which bytes, from which commit, built by whom, judged how and signed by whom; exit code 15 when anything is not so. <what> is a release's evidence folder, <package>@<version>, or one bundle (*.sigstore.json)",
    examples: [
      "hxp evidence verify ./evidence --trusted-root trusted_root.json",
      "hxp evidence verify @hxp/config@0.1.0 --registry https://registry.example --trusted-root trusted_root.json",
      "hxp evidence verify provenance.sigstore.json --file hxp-config-0.1.0.tgz --trusted-root trusted_root.json",
    ],
  })
    .option("--trusted-root <file>", "trusted_root.json with trusted_keys.json beside it, got from the maintainers")
    .option("--registry <url>", "for a package: the registry that serves it")
    .option("--evidence <folder>", "for a package: evidence of its release, where the registry serves no statements")
    .option("--file <path>", "for a bundle: the file that it must be about")
    .option("--key <name>", "name of the key that must have signed", "release")
    .option("--identity <subject>", "for keyless signatures: who must have signed")
    .option("--issuer <url>", "for keyless signatures: the OIDC issuer")
    .action((what: string, flags: EvidenceFlags) => verify(world, what, flags));
}

interface Verified {
  result: object;
  text: string;
}

async function verify(world: CliWorld, what: string, flags: EvidenceFlags): Promise<void> {
  const path = resolve(world.cwd, what);
  const found = statSync(path, { throwIfNoEntry: false });
  const run = choose(what, found);
  refuseIdleFlags(run, flags);
  const root = resolve(world.cwd, requireTrust(flags));
  if (run === "folder") requireOutside(path, root);
  const trust = readTrust(root);
  const options = { trust, identity: readIdentity(flags) };
  const verified = await runs[run]({ world, what, path, flags, options });
  printResult(world, flags, {
    result: { outcome: "verified", ...verified.result },
    text: `${verified.text}\n\nAll of it is as its evidence says.`,
  });
}

interface Run {
  world: CliWorld;
  what: string;
  /** The same as an absolute path. */
  path: string;
  flags: EvidenceFlags;
  options: VerifyOptions;
}

const runs = {
  folder: async ({ path, options }: Run): Promise<Verified> => {
    if (!existsSync(join(path, evidenceFiles.plan)))
      throw new HxpError(
        "VERIFICATION_FAILED",
        `${path} has no ${evidenceFiles.plan}: it is not the evidence of a release`,
      );
    const { facts } = verifyEvidenceFolder(path, options);
    return { result: { kind: "folder", ...facts }, text: renderReleaseFacts(facts) };
  },
  bundle: async ({ world, path, flags, options }: Run): Promise<Verified> => {
    const file = flags.file === undefined ? undefined : resolve(world.cwd, flags.file);
    const verified = await verifyBundleFile(path, { ...options, file });
    const compared = file === undefined ? "NO BYTES WERE COMPARED: --file <path> does" : `${file} has these bytes`;
    return {
      result: { kind: "bundle", file: verified.file, ...verified.facts },
      text: `${compared}\n${renderStatementFacts(verified.facts)}`,
    };
  },
  package: async ({ world, what, flags, options }: Run): Promise<Verified> => {
    if (flags.registry === undefined) {
      const hint = "Pass --registry with the URL of the registry that you install from.";
      throw new HxpError("USAGE_INVALID", `${what} is a package, and no registry was named`, { hint });
    }
    const client = openRegistrySource({ url: flags.registry, signal: world.signal });
    const evidence = flags.evidence === undefined ? undefined : resolve(world.cwd, flags.evidence);
    world.progress.show(`Reading ${what} from ${client.url}`);
    const verified = await verifyPublishedPackage(what, { ...options, client, evidence });
    const { name, version, integrity, size, facts } = verified;
    const signature = verified.verified.find(({ what: part }) => part === "registry signature");
    const registry = { url: client.url, signature: signature?.says ?? "not asked for" };
    const lines = [
      `${name}@${version} ${integrity} (${size} bytes)`,
      `registry signature: ${registry.signature}`,
      renderStatementFacts(facts),
    ];
    return {
      result: { kind: "package", name, version, integrity, size, registry, ...facts },
      text: lines.join("\n"),
    };
  },
};

function choose(what: string, found: Stats | undefined): keyof typeof runs {
  if (found?.isDirectory() === true) return "folder";
  if (found?.isFile() === true) return "bundle";
  if (/^(@[^/@]+\/)?[^/@]+@.+$/.test(what)) return "package";
  throw new HxpError("USAGE_INVALID", `${what} is no folder, no file and not <package>@<version>`);
}

/** A flag that does nothing here was meant to do something. */
function refuseIdleFlags(run: keyof typeof runs, { registry, evidence, file }: EvidenceFlags): void {
  const idle = [
    ...(run !== "package" && registry !== undefined ? ["--registry"] : []),
    ...(run !== "package" && evidence !== undefined ? ["--evidence"] : []),
    ...(run !== "bundle" && file !== undefined ? ["--file"] : []),
  ];
  if (idle.length > 0) throw new HxpError("USAGE_INVALID", `${idle.join(" and ")} does nothing for a ${run}`);
}

function requireTrust({ trustedRoot }: EvidenceFlags): string {
  if (trustedRoot !== undefined) return trustedRoot;
  throw new HxpError("USAGE_INVALID", "Nothing says whose signatures to trust", {
    hint: "Pass --trusted-root with the trusted_root.json that the maintainers gave you, not the one beside the evidence.",
  });
}

/** Whoever could forge the folder could forge a trust root in it, too. */
function requireOutside(folder: string, root: string): void {
  if (!existsSync(root) || !`${realpathSync(root)}${sep}`.startsWith(`${realpathSync(folder)}${sep}`)) return;
  throw new HxpError("USAGE_INVALID", `the trust root ${root} is from the folder that it is to prove`, {
    hint: "Pass the trusted_root.json that the maintainers gave you by another way.",
  });
}

function readIdentity({ key, identity, issuer }: EvidenceFlags): IdentityPolicy {
  if (identity === undefined && issuer === undefined) return { key };
  if (identity !== undefined && issuer !== undefined) return { subject: identity, issuer };
  throw new HxpError("USAGE_INVALID", "--identity and --issuer go together");
}
