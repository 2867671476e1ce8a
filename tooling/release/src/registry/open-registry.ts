import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { readTrust, type RegistryKey, toRegistryKey } from "@hxp/evidence";
import { writeFileDurably } from "@hxp/evidence/durable";
import {
  createCredential,
  createRegistryClient,
  type Credential,
  type EmbeddedRegistry,
  exchangeOidcToken,
  type FindCredential,
  findServingRegistry,
  readCredential,
  type RegistryCapabilities,
  type RegistryClient,
  startEmbeddedRegistry,
} from "@hxp/release-registry";
import type { ReleaseConfig } from "../config/release-config.ts";
import type { ReleaseContext } from "../release-context.ts";
import { findUserNpmrc } from "../workspace/credential-free-environment.ts";
import { readWorkspace } from "../workspace/read-workspace.ts";
import { readUpstream } from "./read-upstream.ts";
import { readLocalNames } from "./local-names.ts";

/** A registry that a release goes to, open for calls. */
export interface OpenRegistry {
  /** Name in the configuration. */
  name: string;
  /** Stays the same when the embedded registry starts on another port. */
  identity: string;
  url: string;
  client: RegistryClient;
  /** Who publishes; undefined where there is no credential. */
  account: string | undefined;
  capabilities: RegistryCapabilities;
  /** The embedded registry of this workspace: a rehearsal. */
  isLocal: boolean;
  settings: RegistrySettings;
}

type RegistrySettings = ReleaseConfig["registries"][string];

const localSettings: RegistrySettings = {
  mode: "direct",
  trustedPublishing: false,
  acceptFirstLatest: false,
  advance: "never",
  tagPrefix: "rehearsal/",
};

/** What {@link openRegistry} may be told beside the context. */
export interface OpenRegistryOptions {
  /** Port on which this process serves the embedded registry; default: any, of the process that serves it already if there is one. */
  port?: number;
}

/** Opens the registry that the options or the configuration name; starts the embedded one for `local`. */
export async function openRegistry(context: ReleaseContext, options: OpenRegistryOptions = {}): Promise<OpenRegistry> {
  const name = context.options.to ?? context.config.registry;
  if (name === "local") return openLocalRegistry(context, options);
  const settings = Object.hasOwn(context.config.registries, name) ? context.config.registries[name] : undefined;
  if (settings === undefined) {
    const known = ["local", ...Object.keys(context.config.registries)].join(", ");
    throw new HxpError(
      "USAGE_INVALID",
      `There is no registry ${name} in the release configuration; there are ${known}`,
    );
  }
  return openRemoteRegistry(context, { name, settings });
}

async function openRemoteRegistry(
  context: ReleaseContext,
  { name, settings }: { name: string; settings: RegistrySettings },
): Promise<OpenRegistry> {
  const { env, options, signal, workspace } = context;
  const url = settings.url ?? (await readUpstream(context));
  if (url === undefined)
    throw new HxpError("RELEASE_CONFIG_INVALID", `registries.${name} has no url, and pnpm is set up with none`);
  const npmrcFiles = [join(workspace, ".npmrc"), findUserNpmrc(env)];
  const credential = settings.trustedPublishing
    ? (packageName: string) =>
        exchangeOidcToken({ url, name: packageName, env, ...(signal === undefined ? {} : { signal }) })
    : readCredential(url, { env, npmrcFiles });
  const client = createRegistryClient({
    url,
    mode: settings.mode,
    credential,
    otp: options.otp,
    ...(signal === undefined ? {} : { signal }),
  });
  return {
    name,
    identity: client.url,
    url: client.url,
    client,
    account: await readAccount(client, { credential, workspace }),
    capabilities: { unpublish: false },
    isLocal: false,
    settings,
  };
}

/**
 * A plan can be made without a credential; one that the registry refuses is an error at once. Trusted publishing gives out
 * a token for each package, so it is tried with the first.
 */
async function readAccount(
  client: RegistryClient,
  { credential, workspace }: { credential: Credential | FindCredential | undefined; workspace: string },
): Promise<string | undefined> {
  if (typeof credential !== "function") return credential === undefined ? undefined : client.whoAmI();
  const { packages } = await readWorkspace(workspace);
  const first = packages.find((entry) => !entry.private);
  const given = first === undefined ? undefined : await credential(first.name);
  return given === undefined ? undefined : "this CI run (trusted publishing)";
}

async function openLocalRegistry(context: ReleaseContext, { port }: OpenRegistryOptions): Promise<OpenRegistry> {
  const folder = context.paths.registry;
  const serving = port === undefined ? await findServingRegistry(folder) : undefined;
  if (serving !== undefined) return describeLocal(context, { ...serving, capabilities: { unpublish: true } });
  const names = await readLocalNames(context.workspace, folder);
  const upstream = await readUpstream(context);
  const embedded = await startEmbeddedRegistry({
    folder,
    port: port ?? 0,
    localNames: (name) => names.has(name),
    ...(upstream === undefined ? {} : { upstream }),
    keys: () => readRegistryKeys(context.paths.trust),
  });
  context.onClose(() => embedded.close());
  return describeLocal(context, embedded);
}

function describeLocal(
  { options, paths, signal }: ReleaseContext,
  { url, token, capabilities }: Pick<EmbeddedRegistry, "url" | "token" | "capabilities">,
): OpenRegistry {
  const client = createRegistryClient({
    url,
    credential: createCredential({ secret: token, source: "the embedded registry's folder" }),
    ...(signal === undefined ? {} : { signal }),
  });
  const identity = readIdentity(paths.registry);
  return {
    name: "local",
    identity,
    url,
    client,
    account: "release",
    capabilities,
    isLocal: true,
    settings: { ...localSettings, tagPrefix: options.tagPrefix ?? localSettings.tagPrefix },
  };
}

/** The keys that stock clients check `dist.signatures` with; none before the first release. */
export function readRegistryKeys(trustFolder: string): RegistryKey[] {
  if (!existsSync(join(trustFolder, "trusted_root.json"))) return [];
  return readTrust(trustFolder)
    .keys.filter((key) => key.purposes.includes("registry"))
    .map(({ publicKey, validFor }) => {
      const der = Buffer.from(publicKey, "base64");
      return toRegistryKey(der, validFor.end === undefined ? undefined : new Date(validFor.end));
    });
}

function readIdentity(folder: string): string {
  const path = join(folder, "identity");
  if (!existsSync(path)) writeFileDurably(path, `embedded:${randomUUID()}\n`);
  return readFileSync(path, "utf8").trim();
}
