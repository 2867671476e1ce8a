// npm-registry-fetch ships no types; this is the part of it that is used here.
declare module "npm-registry-fetch" {
  import type { Agent } from "node:http";

  export interface Options {
    method?: string;
    registry?: string;
    body?: unknown;
    headers?: Record<string, string>;
    query?: Record<string, string | boolean>;
    otp?: string;
    timeout?: number;
    fetchRetries?: number;
    fetchRetryMintimeout?: number;
    fetchRetryMaxtimeout?: number;
    fetchRetryFactor?: number;
    signal?: AbortSignal;
    preferOnline?: boolean;
    maxSockets?: number;
    /** Chosen anew for each address that a call is redirected to; undefined: one without a proxy. */
    agent?: (url: URL) => Agent | undefined;
    userAgent?: string;
    [credential: `//${string}`]: string;
  }
  export interface RegistryResponse {
    status: number;
    headers: { get(name: string): string | null };
    body: AsyncIterable<Uint8Array> & { destroy(): void };
  }
  export default function registryFetch(uri: string, options: Options): Promise<RegistryResponse>;
}
