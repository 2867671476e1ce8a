import { existsSync } from "node:fs";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { type IdentityPolicy, readTrust } from "@hxp/evidence";
import { verifyEvidenceFolder, verifyPublishedPackage } from "@hxp/evidence/release";
import { createRegistryClient } from "@hxp/release-registry";
import type { Command } from "commander";
import { releaseKeyName } from "../evidence/open-signer.ts";
import { withReleaseContext } from "../open-context.ts";
import { renderVerification } from "../output/render-others.ts";
import { silentProgress } from "../output/progress.ts";
import { openRegistry } from "../registry/open-registry.ts";
import type { CliWorld } from "./cli-world.ts";
import { addCommonOptions, addTargetOptions, type TargetFlags } from "./run-command-in.ts";

type VerifyFlags = TargetFlags & {
  trustedRoot?: string;
  registry?: string;
  evidence?: string;
  identity?: string;
  issuer?: string;
};

/** `release verify`: a package on a registry, or, with no network, an evidence folder. */
export function addVerifyCommand(program: Command, world: CliWorld): void {
  addTargetOptions(addCommonOptions(program.command("verify")))
    .argument("<what>", "<package>@<version>, or the folder of a release's evidence")
    .description("verify a package as consumers get it, or an evidence folder with no network")
    .option("--trusted-root <file>", "trusted_root.json (trusted_keys.json beside it); default: the workspace's own")
    .option("--registry <url>", "registry of the package; default: the one that --to names")
    .option("--evidence <folder>", "evidence of the package's release, for registries that serve no attestations")
    .option("--identity <subject>", "for keyless signatures: who must have signed")
    .option("--issuer <url>", "for keyless signatures: the OIDC issuer")
    .action(async (what: string, flags: VerifyFlags) => {
      const isFolder = existsSync(join(what, "plan.json"));
      if (!isFolder && !/^(@[^/@]+\/)?[^/@]+@.+$/.test(what)) {
        throw new HxpError("USAGE_INVALID", `${what} is neither <package>@<version> nor a folder with a plan.json`);
      }
      const options = { trust: readTrust(await findTrust(flags)), identity: readIdentity(flags) };
      const result = isFolder
        ? verifyEvidenceFolder(what, options)
        : await verifyPackage(what, { flags, world, options });
      world.write(flags.json === true ? `${JSON.stringify(result, null, 2)}\n` : `${renderVerification(result)}\n`);
    });
}

interface PackageRun {
  flags: VerifyFlags;
  world: CliWorld;
  options: { trust: ReturnType<typeof readTrust>; identity: IdentityPolicy };
}

async function verifyPackage(spec: string, { flags, world, options }: PackageRun) {
  if (flags.registry !== undefined) {
    const client = createRegistryClient({ url: flags.registry, signal: world.signal });
    return verifyPublishedPackage(spec, { ...options, client, evidence: flags.evidence });
  }
  const context = { cwd: flags.cwd, purpose: "verify", options: flags, readOnly: true, progress: silentProgress };
  return withReleaseContext({ ...context, signal: world.signal }, async (opened) => {
    const { client } = await openRegistry(opened);
    return verifyPublishedPackage(spec, { ...options, client, evidence: flags.evidence });
  });
}

async function findTrust({ trustedRoot, cwd }: VerifyFlags): Promise<string> {
  if (trustedRoot !== undefined) return trustedRoot;
  const own = existsSync(join(cwd, "pnpm-workspace.yaml")) ? await findOwnTrust(cwd) : undefined;
  if (own !== undefined && existsSync(join(own, "trusted_root.json"))) return own;
  throw new HxpError("USAGE_INVALID", "Nothing says whose signatures to trust", {
    hint: "Pass --trusted-root with the trusted_root.json that the maintainers gave you, not the one beside the evidence.",
  });
}

async function findOwnTrust(cwd: string): Promise<string> {
  const settings = { cwd, purpose: "verify", readOnly: true, progress: silentProgress };
  return withReleaseContext(settings, async ({ paths }) => paths.trust);
}

function readIdentity({ identity, issuer }: VerifyFlags): IdentityPolicy {
  if (identity === undefined && issuer === undefined) return { key: releaseKeyName };
  if (identity !== undefined && issuer !== undefined) return { subject: identity, issuer };
  throw new HxpError("USAGE_INVALID", "--identity and --issuer go together");
}
