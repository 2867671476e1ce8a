import { HxpError, isHxpError } from "@hxp/errors";

/** How {@link download} reaches the network. */
export interface DownloadOptions {
  /** Default: the platform's. */
  fetch?: typeof globalThis.fetch;
  signal?: AbortSignal | undefined;
  /** Longest wait for the next bytes; default 60 seconds. */
  idleMs?: number;
  maximumBytes: number;
  onProgress?: ((text: string) => void) | undefined;
}

/**
 * Downloads a file into memory: https, or http on this machine alone. Throws USAGE_INVALID for another address,
 * ADVISORY_SOURCE_UNREACHABLE, ADVISORY_SOURCE_INVALID for too much, and the signal's reason.
 */
export async function download(address: string, options: DownloadOptions): Promise<Buffer> {
  const url = checkAddress(address);
  const { fetch = globalThis.fetch, signal, idleMs = 60_000 } = options;
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new Error(`nothing came for ${idleMs} ms`)), idleMs);
  try {
    const signals = [idle.signal, ...(signal === undefined ? [] : [signal])];
    const response = await fetch(url, { signal: AbortSignal.any(signals) });
    if (!response.ok || response.body === null) throw unreachable(url, `it answered ${response.status}`);
    // A redirect must not lead from https to anything less.
    checkAddress(response.url === "" ? address : response.url);
    return await readBody(response, { ...options, onChunk: () => timer.refresh() });
  } catch (cause) {
    signal?.throwIfAborted();
    if (isHxpError(cause)) throw cause;
    throw unreachable(url, cause instanceof Error ? cause.message : String(cause), cause);
  } finally {
    clearTimeout(timer);
  }
}

function checkAddress(address: string): URL {
  const url = URL.parse(address);
  const isLocal = url !== null && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (url !== null && (url.protocol === "https:" || (url.protocol === "http:" && isLocal))) return url;
  throw new HxpError("USAGE_INVALID", `Not an address to import from: ${address}; expected https://…`);
}

async function readBody(
  response: Response,
  { maximumBytes, onProgress, onChunk }: DownloadOptions & { onChunk: () => void },
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let [bytes, told] = [0, 0];
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    onChunk();
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maximumBytes) {
      const message = `${response.url} is larger than ${maximumBytes} bytes, which no real source of advisories is.`;
      throw new HxpError("ADVISORY_SOURCE_INVALID", message);
    }
    if (bytes - told < 2 ** 24) continue;
    told = bytes;
    onProgress?.(`${Math.round(bytes / 2 ** 20)} MiB downloaded`);
  }
  return Buffer.concat(chunks);
}

function unreachable(url: URL, why: string, cause?: unknown): HxpError {
  return new HxpError("ADVISORY_SOURCE_UNREACHABLE", `${url.origin}${url.pathname} cannot be downloaded: ${why}.`, {
    cause,
  });
}
