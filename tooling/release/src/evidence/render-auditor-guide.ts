import type { SealedRelease } from "@hxp/evidence/release";

/** The README of an evidence folder: what lies in it, and the commands that verify it without a network. */
export function renderAuditorGuide({ id, plan }: Pick<SealedRelease, "id" | "plan">): string {
  return `# Evidence of release ${id}

${plan.packages.length} packages, released to \`${plan.channel}\` of \`${plan.registry.identity}\`,
made from commit \`${plan.source.commit}\`${plan.source.dirty.length > 0 ? " **with uncommitted changes**" : ""}.

Verify all of it, with no network and nothing but Node 20 or newer:

    node verify.mjs . --trusted-root <your copy of trusted_root.json>

\`verify.mjs\` is one file of 400 lines without dependencies, written apart from the code that made this release. Read it, or
take it from where you trust it: \`verifier/verify-release.mjs\` of the npm package \`@hxp/evidence\`. Whoever could forge
this folder could forge what lies in it, the verifier too. The same by the library and by stock sigstore code:

    npx @hxp/cli evidence verify . --trusted-root <your copy of trusted_root.json>
    npx @hxp/release verify . --trusted-root <your copy of trusted_root.json>

In a checkout of the workspace the latter is \`pnpm release verify <this folder>\`. Use a trust root that you got by
another way than this folder: \`trust/\` here is a copy for comparison.

| what | where |
|---|---|
| the plan: every package, version, digest and tag; its SHA-256 is the release's id | \`plan.json\`, signed in \`plan.sigstore.json\` |
| the released bytes | \`tarballs/\` |
| per package: SLSA provenance, CycloneDX SBOM, SLSA verification summary | \`packages/\` |
| licences and notices of third parties, for all packages; for each one in \`packages/\` | \`NOTICE\` |
| what each gate looked at, found and decided | \`gates/\` |
| what consumers of the staged packages saw | \`smoke/\` |
| how it ended, and that no file is other, missing or more | \`record.sigstore.json\`; after a rollback also \`rollback.sigstore.json\` |
| every effect, before and after | \`journal.jsonl\` |
| the transparency log's checkpoint, and the proof that it only grew | \`log/\` |
| keys and log that signatures are checked with | \`trust/\` |
| the verifier | \`verify.mjs\` |

Each \`*.sigstore.json\` is a sigstore bundle with an in-toto statement; stock sigstore verifiers read it.
`;
}
