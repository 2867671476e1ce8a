import { HxpError, isHxpError } from "@hxp/errors";
import { isSafe } from "./parse-source.ts";

/** What {@link requestFile} takes. */
export interface FileRequest {
  readonly url: URL;
  /** Value of `authorization`; sent to the URL's own origin only. */
  readonly authorization: string | undefined;
  /** What is there already: its length, and the validator that the server gave for it. */
  readonly have: { readonly bytes: number; readonly validator: string } | undefined;
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
}

/** An answer with a file's bytes, or with those that were missing. */
export interface FileAnswer {
  /** First byte that is sent: 0 for the whole file. */
  readonly from: number;
  /** Length of the whole file; undefined: the server does not say. */
  readonly size: number | undefined;
  /** What tells this version of the file from others: a strong entity tag, or the time of the last change. */
  readonly validator: string | undefined;
  /** SHA-256 that the hub says the file has. */
  readonly statedSha256: string | undefined;
  readonly body: ReadableStream<Uint8Array>;
}

const mostRedirects = 5;

/**
 * Asks for a file, or for the rest of it, and follows redirects to https only.
 * Throws MODEL_SOURCE_INVALID for a redirect that leads astray, MODEL_PULL_REFUSED for what asking again does not help, and
 * MODEL_PULL_FAILED, with `retryAfterMs` in its details where the server says when to ask again.
 */
export async function requestFile(request: FileRequest): Promise<FileAnswer> {
  let { url } = request;
  let statedSha256: string | undefined;
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const response = await send(request, url);
    statedSha256 ??= readStatedDigest(response);
    if (![301, 302, 303, 307, 308].includes(response.status))
      return { ...(await readAnswer(request, response)), statedSha256 };
    await response.body?.cancel();
    url = followRedirect(url, response.headers.get("location"));
  }
  throw new HxpError("MODEL_SOURCE_INVALID", `${request.url.href} redirects more than ${mostRedirects} times.`);
}

async function send({ url: first, authorization, have, signal, fetch: ask }: FileRequest, url: URL): Promise<Response> {
  const headers: Record<string, string> = { "accept-encoding": "identity", "user-agent": "hxp" };
  if (authorization !== undefined && url.origin === first.origin) headers["authorization"] = authorization;
  if (have !== undefined) Object.assign(headers, { range: `bytes=${have.bytes}-`, "if-range": have.validator });
  try {
    return await ask(url.href, { headers, redirect: "manual", signal });
  } catch (error) {
    if (signal.aborted || isHxpError(error)) throw error;
    throw new HxpError("MODEL_PULL_FAILED", `${url.host} cannot be reached: ${reasonOf(error)}`, { cause: error });
  }
}

/** What fetch says is only that it failed; its cause says why. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function followRedirect(from: URL, location: string | null): URL {
  if (location === null || !URL.canParse(location, from.href)) {
    throw new HxpError("MODEL_PULL_REFUSED", `${from.host} redirects to nowhere.`);
  }
  const to = new URL(location, from);
  // From the network nobody is led to this computer's own services.
  const isAllowed = from.protocol === "https:" ? to.protocol === "https:" : isSafe(to);
  if (isAllowed) return to;
  throw new HxpError(
    "MODEL_SOURCE_INVALID",
    `${from.host} redirects to ${to.protocol}//${to.host}: only https is followed.`,
  );
}

/** The hub tells the digest of large files in this header of its first answer. */
function readStatedDigest(response: Response): string | undefined {
  return /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(response.headers.get("x-linked-etag") ?? "")?.[1];
}

async function readAnswer(request: FileRequest, response: Response): Promise<Omit<FileAnswer, "statedSha256">> {
  const { status, headers, body } = response;
  if (status === 200 || status === 206) {
    if ((headers.get("content-encoding") ?? "identity") !== "identity") {
      throw new HxpError(
        "MODEL_PULL_REFUSED",
        `${request.url.host} sends the file compressed, though it was asked not to.`,
      );
    }
    if (body === null) throw new HxpError("MODEL_PULL_FAILED", `${request.url.host} sent no file.`);
    const { from, size } = status === 206 ? readRange(request, headers) : { from: 0, size: readLength(headers) };
    return { from, size, validator: readValidator(headers), body };
  }
  await body?.cancel();
  throw toPullError(request, response);
}

function readRange({ url, have }: FileRequest, headers: Headers): { from: number; size: number } {
  const [, from, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  if (have !== undefined && from !== undefined && size !== undefined && Number(from) === have.bytes) {
    return { from: have.bytes, size: Number(size) };
  }
  throw new HxpError("MODEL_PULL_FAILED", `${url.host} sent another part of the file than it was asked for.`);
}

function readLength(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  return length === null || !/^\d{1,15}$/.test(length) ? undefined : Number(length);
}

function readValidator(headers: Headers): string | undefined {
  const tag = headers.get("etag");
  // If-Range takes strong tags only (RFC 9110, 13.1.5).
  if (tag !== null && tag.startsWith('"')) return tag;
  return headers.get("last-modified") ?? undefined;
}

function toPullError({ url }: FileRequest, { status, headers }: Response): HxpError {
  if (status === 401 || status === 403) {
    const hint = "Give a token that may read it; some models have terms to accept on their page first.";
    return new HxpError("MODEL_PULL_REFUSED", `${url.host} does not give the file to everybody (${status}).`, { hint });
  }
  if (status === 408 || status === 416 || status === 429 || status >= 500) {
    const seconds = Number(headers.get("retry-after") ?? Number.NaN);
    const details = { status, ...(Number.isFinite(seconds) ? { retryAfterMs: Math.max(0, seconds) * 1000 } : {}) };
    return new HxpError("MODEL_PULL_FAILED", `${url.host} answered with ${status}.`, { details });
  }
  return new HxpError(
    "MODEL_PULL_REFUSED",
    `${url.host} answered with ${status}: there is no such file, or not for everybody.`,
  );
}
