import { requiredGates } from "@hxp/evidence/release";
import { z } from "zod";
import { isPublishToken } from "../workspace/credential-free-environment.ts";
import { policySchema } from "@hxp/release-gates";

const registrySchema = z
  .strictObject({
    url: z
      .url()
      .optional()
      .describe("Address of the registry; default: the one that pnpm is set up with in the workspace."),
    mode: z
      .enum(["direct", "staged"])
      .default("direct")
      .describe("`staged`: packages wait on the registry until a person approves them with a second factor."),
    trustedPublishing: z
      .boolean()
      .default(false)
      .describe("Exchange the CI's OIDC token for a publish token instead of reading one."),
    acceptFirstLatest: z
      .boolean()
      .default(false)
      .describe("Accept that this registry points `latest` at the first version of a new name before it is verified."),
    advance: z
      .enum(["fast-forward", "never"])
      .default("fast-forward")
      .describe("Whether the current branch moves to the release commit when the release is recorded."),
    tagPrefix: z.string().default("").describe("Put before the names of git tags."),
  })
  .describe("A registry that packages can be released to.");

const channelSchema = z
  .strictObject({
    snapshot: z
      .boolean()
      .default(false)
      .describe("Versions are 0.0.0-<channel>-<commit>: nothing is consumed, the branch stays where it is."),
  })
  .describe("A dist-tag that users install from.");

const signerSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("key"),
    passphraseVariable: z.string().default("HXP_KEY_PASSPHRASE").describe("Environment variable with the passphrase."),
  }),
  z.strictObject({
    type: z.literal("keyless"),
    fulcioUrl: z.url().describe("Fulcio that gives a certificate for the CI's OIDC token."),
    issuer: z.string().describe("OIDC issuer that a verifier must see in the certificate."),
    identity: z.string().describe("Subject (workflow URI or e-mail) that a verifier must see in the certificate."),
    provenance: z
      .boolean()
      .default(false)
      .describe("Upload the provenance with the package; only for the public sigstore and a registry that checks it."),
    trustedRoot: z.string().describe("Path of the trusted_root.json that names Fulcio's certificates and CT log."),
  }),
  z.strictObject({
    type: z.literal("module"),
    module: z.string().describe("Path of a module that exports `createSigner(): Promise<Signer>` (a KMS, an HSM)."),
    publicKey: z.string().describe("Path of the public key that it signs with, PEM, ECDSA P-256."),
    environment: z
      .array(z.string().refine((name) => !isPublishToken(name), "a signer gets no publish token"))
      .default([])
      .describe("Variables that the module needs though they look like credentials, as `VAULT_TOKEN`."),
  }),
]);

const publisherSchema = z
  .strictObject({
    name: z.string().min(1).describe("Name of the vendor."),
    namespace: z.url().describe("Address under which the vendor's ids are its own, as `https://example.com`."),
    contact: z.string().optional().describe("How a reader reaches the vendor about security."),
  })
  .describe("Who publishes advisories about these packages; `release advisories csaf` needs it.");

/** The release configuration: every key with its description and default. Unknown keys are errors. */
export const releaseConfigSchema = z.strictObject({
  registries: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/), registrySchema)
    .default({})
    .describe("Registries by name, beside `local`, the embedded one that is always there."),
  registry: z.string().default("local").describe("Registry that is released to when --to names none."),
  channels: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/), channelSchema)
    .default({
      latest: { snapshot: false },
      next: { snapshot: false },
      canary: { snapshot: true },
      snapshot: { snapshot: true },
    })
    .describe("Channels by dist-tag."),
  channel: z.string().default("latest").describe("Channel when --channel names none; in pre mode, the pre tag."),
  signer: signerSchema.prefault({ type: "key" }).describe("Who signs."),
  state: z
    .string()
    .default(".hxp")
    .describe("Folder, in the workspace, of journal, keys, log, evidence and local registry."),
  build: z
    .array(z.string())
    .optional()
    .describe("Command that builds the workspace; default: turbo if there is a turbo.json, else `pnpm -r run build`."),
  nodes: z
    .array(z.string().regex(/^\d+\.\d+\.\d+$/))
    .min(1)
    .default(["22.23.3", "24.21.0", "26.10.0"])
    .describe(
      "Exact Node versions that packages are smoke-tested on; the rebuild runs on the first that is not the builder's.",
    ),
  managers: z
    .array(z.enum(["npm", "pnpm"]))
    .default(["npm", "pnpm"])
    .describe(
      "Package managers of the smoke test; without npm the second opinion on licences cannot run, which blocks. None: no smoke test, in a rehearsal on the local registry alone.",
    ),
  npm: z.string().default("12.2.0").describe("Exact npm version of the smoke test."),
  gates: z
    .array(z.enum(requiredGates))
    .default([...requiredGates])
    .describe(
      "Gates that a rehearsal on the local registry must pass, in order; a release elsewhere must pass every one.",
    ),
  publisher: publisherSchema.optional(),
  policy: policySchema.prefault({}).describe("Policies of the gates, and waivers."),
  visibilityTimeoutMinutes: z
    .number()
    .positive()
    .default(30)
    .describe("How long a registry may take to show an uploaded version, in minutes."),
});

/** A release configuration with every default filled in. */
export type ReleaseConfig = z.infer<typeof releaseConfigSchema>;

/** A release configuration as a person writes it, for `export default { … } satisfies WrittenReleaseConfig`. It must be plain data: it is read in a process of its own. */
export type WrittenReleaseConfig = z.input<typeof releaseConfigSchema>;
