import { z } from "zod";
import { HxpError } from "@hxp/errors";
import type { PublicKeyEntry } from "../read-back/verify-registry-signatures.ts";
import type { Attestation, ReleasedPackage } from "../released-package.ts";
import { deprecateVersions, unpublishVersion } from "./change-packument.ts";
import { escapeAnyPackageName, escapePackageName } from "./package-path.ts";
import { type Packument, parseAnswer, parseJson, parsePackument, parseTags, versionOf } from "./packument.ts";
import { publishPackage, type Published } from "./publish-package.ts";
import {
  type ConnectionOptions,
  createRegistryRequest,
  parseRegistryUrl,
  type RegistryCall,
} from "./registry-request.ts";
import { statusOf } from "./registry-error.ts";

/** What {@link createRegistryClient} takes. */
export interface RegistryClientOptions extends ConnectionOptions {
  /** `staged`: uploads wait on the registry until somebody approves them with a second factor. Default `direct`. */
  readonly mode?: "direct" | "staged";
}

/** An npm registry, as far as a release needs it. Failures are HxpErrors whose code begins with REGISTRY_. */
export interface RegistryClient {
  /** The registry's URL, ending with a slash. */
  readonly url: string;
  readonly mode: "direct" | "staged";
  /** How many calls the steps keep in flight. */
  readonly concurrency: number;
  /** The whole packument; undefined where there is no such package. */
  readPackument(name: string): Promise<Packument | undefined>;
  /** The dist-tags alone; undefined where there is no such package. */
  readTags(name: string): Promise<Record<string, string> | undefined>;
  /** The bytes of a version's tarball; undefined where the registry does not have them (yet). */
  readTarball(name: string, version: string, packument?: Packument): Promise<Buffer | undefined>;
  /** The attestations of a version; undefined where there are none. */
  readAttestations(name: string, version: string): Promise<Attestation[] | undefined>;
  /** Uploads a package under a tag; a version that is there with the same bytes is a success. */
  publish(pkg: ReleasedPackage, tag: string): Promise<Published>;
  setTag(name: string, tag: string, version: string): Promise<void>;
  /** Removes a tag; one that is not there is no error. */
  removeTag(name: string, tag: string): Promise<void>;
  /** Deprecates versions; an empty message takes the deprecation off. */
  deprecate(name: string, versions: readonly string[], message: string): Promise<void>;
  /** Takes a version off, on registries that let one. */
  unpublish(name: string, version: string): Promise<void>;
  /** The keys that the registry says it signs with; none where it does not sign. */
  readKeys(): Promise<PublicKeyEntry[]>;
  /** Known vulnerabilities of versions of packages, by package; undefined where the registry has no such endpoint. */
  readAdvisories(versions: Readonly<Record<string, readonly string[]>>): Promise<ServedAdvisories | undefined>;
  /** Resolves when the registry answers. */
  ping(): Promise<void>;
  /** The user that the credential belongs to. */
  whoAmI(): Promise<string>;
  /** The same client under another signal; undefined for what must end even when the rest is aborted. */
  withSignal(signal: AbortSignal | undefined): RegistryClient;
}

const keysSchema = z.looseObject({
  keys: z.array(
    z.object({
      keyid: z.string(),
      keytype: z.string(),
      scheme: z.string(),
      key: z.string(),
      expires: z.string().nullable(),
    }),
  ),
});
const attestationsSchema = z.looseObject({
  attestations: z.array(z.looseObject({ predicateType: z.string(), bundle: z.looseObject({}) })),
});

const advisoriesSchema = z.record(
  z.string(),
  z.array(
    z.looseObject({
      id: z.union([z.number(), z.string()]),
      url: z.string().optional(),
      title: z.string(),
      severity: z.string(),
      vulnerable_versions: z.string(),
      cvss: z.looseObject({ vectorString: z.string().nullish() }).nullish(),
    }),
  ),
);

/** Advisories by package, as npm's bulk endpoint serves them. */
type ServedAdvisories = z.output<typeof advisoriesSchema>;

/** Makes a client for one registry. Nothing is sent before the first call. */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const { mode = "direct", concurrency = 8 } = options;
  const url = parseRegistryUrl(options.url);
  const request = createRegistryRequest(options);
  const readJson = async (call: RegistryCall): Promise<unknown> => {
    const answer = await request(call);
    return answer === undefined ? undefined : parseJson(answer, call.action);
  };
  const readers = createReaders(readJson);
  const client: RegistryClient = {
    url,
    mode,
    concurrency,
    ...readers,
    readTarball: async (name, version, packument) => {
      const known = versionOf(packument ?? (await readers.readPackument(name)), version);
      if (known === undefined) return undefined;
      const path = requireUrl(known.dist.tarball);
      return request({ path, action: `download ${name}@${version}`, name, maxBytes: 2 ** 29 });
    },
    publish: (pkg, tag) => publishPackage(pkg, tag, { connection: options, request, client }),
    setTag: async (name, tag, version) => {
      const action = `point ${tag} of ${name} to ${version}`;
      const answer = await request({ ...tagCall(name, tag), action, method: "PUT", body: JSON.stringify(version) });
      if (answer === undefined)
        throw new HxpError("REGISTRY_REFUSED", `Cannot ${action}: the registry has no such version`);
    },
    removeTag: async (name, tag) => {
      await request({ ...tagCall(name, tag), action: `remove ${tag} of ${name}`, method: "DELETE" });
    },
    deprecate: (name, versions, message) => deprecateVersions(request, { name, versions, message }),
    unpublish: (name, version) => unpublishVersion(request, name, version),
    ping: async () => void (await request({ path: "-/ping", action: "reach the registry" })),
    withSignal: (signal) => createRegistryClient({ ...options, signal }),
  };
  return client;
}

type Readers = Pick<
  RegistryClient,
  "readPackument" | "readTags" | "readAttestations" | "readKeys" | "readAdvisories" | "whoAmI"
>;

function createReaders(readJson: (call: RegistryCall) => Promise<unknown>): Readers {
  const readPackument = async (name: string): Promise<Packument | undefined> => {
    const answer = await readJson({ path: escapeAnyPackageName(name), action: `read ${name}`, name });
    return answer === undefined ? undefined : parsePackument(name, answer);
  };
  return {
    readPackument,
    readTags: async (name) => {
      const path = `-/package/${escapePackageName(name)}/dist-tags`;
      const answer = await readJson({ path, action: `read the tags of ${name}`, name });
      // Some registries have no such endpoint, which looks the same as no such package.
      return answer === undefined ? (await readPackument(name))?.["dist-tags"] : parseTags(name, answer);
    },
    readAttestations: async (name, version) => {
      const path = `-/npm/v1/attestations/${escapeAnyPackageName(name)}@${version}`;
      const answer = await readJson({ path, action: `read the attestations of ${name}@${version}`, name });
      if (answer === undefined) return undefined;
      return parseAnswer(attestationsSchema, answer, `the attestations of ${name}`).attestations;
    },
    readKeys: async () => {
      const answer = await readJson({ path: "-/npm/v1/keys", action: "read the registry's signing keys" });
      return answer === undefined ? [] : parseAnswer(keysSchema, answer, "the registry's signing keys").keys;
    },
    readAdvisories: async (versions) => {
      const body = JSON.stringify(versions);
      const action = "read the registry's advisories";
      const call: RegistryCall = {
        path: "-/npm/v1/security/advisories/bulk",
        action,
        method: "POST",
        body,
        retries: 1,
      };
      const answer = await readJson(call).catch((error: unknown) => {
        // A registry that knows the path for other methods alone has no advisories either.
        if (statusOf(error) === 405) return undefined;
        throw error;
      });
      return answer === undefined ? undefined : parseAnswer(advisoriesSchema, answer, action);
    },
    whoAmI: async () => {
      const answer = await readJson({ path: "-/whoami", action: "ask who the credential belongs to" });
      return parseAnswer(z.looseObject({ username: z.string() }), answer, "who am I").username;
    },
  };
}

function tagCall(name: string, tag: string): Pick<RegistryCall, "path" | "name"> {
  return { path: `-/package/${escapePackageName(name)}/dist-tags/${encodeURIComponent(tag)}`, name };
}

function requireUrl(address: string): string {
  const url = URL.parse(address);
  if (url !== null && /^https?:$/.test(url.protocol)) return address;
  throw new HxpError("REGISTRY_ANSWER_INVALID", `The registry names ${JSON.stringify(address)} as a tarball's address`);
}
