import { HxpError } from "@hxp/errors";
import { z } from "zod";
import type { PackageDocument, PackageSource } from "./verify-published-package.ts";

/** What {@link openRegistrySource} takes. */
export interface RegistrySourceOptions {
  /** URL of an npm registry that is read without a token. */
  url: string;
  signal?: AbortSignal | undefined;
  /** For each answer as a whole; default 60,000. */
  timeoutMs?: number;
  /** Largest tarball; default 512 MiB. */
  maximumTarballBytes?: number;
  /** Default: the global one. */
  fetch?: typeof globalThis.fetch;
}

const maximumDocumentBytes = 128 * 1024 * 1024;
const namePattern = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

const documentSchema = z.looseObject({
  name: z.string(),
  "dist-tags": z.record(z.string(), z.string()).default({}),
  versions: z.record(
    z.string(),
    z.looseObject({
      dist: z.looseObject({
        tarball: z.string(),
        integrity: z.string().optional(),
        signatures: z.array(z.looseObject({ keyid: z.string(), sig: z.string() })).optional(),
      }),
    }),
  ),
});

const attestationsSchema = z.looseObject({
  attestations: z.array(z.looseObject({ predicateType: z.string(), bundle: z.looseObject({}) })),
});

/**
 * Reads packages from an npm registry as any consumer does: no token, each answer limited in time and size. Throws
 * REGISTRY_UNREACHABLE, REGISTRY_ANSWER_INVALID and USAGE_INVALID; what it reads is proven by nothing yet.
 */
export function openRegistrySource(options: RegistrySourceOptions): PackageSource {
  const url = parseUrl(options.url);
  const read = (path: string | URL, maximumBytes: number): Promise<Buffer | undefined> =>
    readAnswer(new URL(path, url), { ...options, maximumBytes });
  const readDocument = async (name: string): Promise<PackageDocument | undefined> => {
    const answer = await read(escapeName(name), maximumDocumentBytes);
    if (answer === undefined) return undefined;
    const document = parseAnswer(documentSchema, answer, name);
    if (document.name !== name) throw invalid(name, `it is the document of ${document.name}`);
    return document;
  };
  return {
    url: url.href,
    readPackument: readDocument,
    readTarball: async (name, version, given) => {
      const document = given ?? (await readDocument(name));
      const entry = new Map(Object.entries(document?.versions ?? {})).get(version);
      if (entry === undefined) return undefined;
      const address = URL.parse(entry.dist.tarball, url.href);
      if (address === null || !/^https?:$/.test(address.protocol)) throw invalid(name, "its tarball has no address");
      return read(address, options.maximumTarballBytes ?? 512 * 1024 * 1024);
    },
    readAttestations: async (name, version) => {
      const path = `-/npm/v1/attestations/${escapeName(name)}@${encodeURIComponent(version)}`;
      const answer = await read(path, maximumDocumentBytes);
      return answer === undefined ? undefined : parseAnswer(attestationsSchema, answer, name).attestations;
    },
  };
}

function parseUrl(text: string): URL {
  const url = URL.parse(text.endsWith("/") ? text : `${text}/`);
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "") return url;
  throw new HxpError("USAGE_INVALID", "the registry is not an http or https URL without a name and password in it");
}

function escapeName(name: string): string {
  if (!namePattern.test(name)) throw new HxpError("USAGE_INVALID", `${name} is not the name of an npm package`);
  return name.replace("/", "%2f");
}

async function readAnswer(
  url: URL,
  options: RegistrySourceOptions & { maximumBytes: number },
): Promise<Buffer | undefined> {
  const { signal, timeoutMs = 60_000, maximumBytes, fetch = globalThis.fetch } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    if (response.status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return await readBody(response, maximumBytes);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof HxpError) throw cause;
    throw new HxpError("REGISTRY_UNREACHABLE", `${url.host} gave nothing for ${url.pathname}`, { cause });
  }
}

async function readBody(response: Response, maximumBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maximumBytes) throw invalid(new URL(response.url).pathname, `it has over ${maximumBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseAnswer<T>(schema: z.ZodType<T>, answer: Buffer, name: string): T {
  const parsed = schema.safeParse(parseJson(answer, name));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(name, issue === undefined ? "another shape" : `${issue.path.join(".")}: ${issue.message}`);
}

function parseJson(answer: Buffer, name: string): unknown {
  try {
    return JSON.parse(answer.toString("utf8"));
  } catch {
    throw invalid(name, "it is not JSON");
  }
}

function invalid(name: string, reason: string): HxpError {
  return new HxpError("REGISTRY_ANSWER_INVALID", `the registry's answer for ${name} cannot be read: ${reason}`);
}
