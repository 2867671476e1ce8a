import type { Rule } from "@hxp/config";
import type { BaseConfig } from "../sections/base.ts";

/** Releases, and the token for them, cross a network only under TLS. */
export const registryIsEncrypted: Rule<BaseConfig> = {
  reads: ["release"],
  check: ({ release: { registry } }) => {
    if (registry === undefined) return [];
    const { protocol, hostname } = new URL(registry);
    if (protocol === "https:" || isLoopback(hostname)) return [];
    const message = `release.registry is ${registry}: without TLS a registry is read from this machine only.`;
    return [{ path: ["release", "registry"], message, expected: "an https URL, or http on a loopback address" }];
  },
};

/** A token is for a registry. */
export const tokenHasRegistry: Rule<BaseConfig> = {
  reads: ["release"],
  check: ({ release: { registry, token } }) => {
    if (token === undefined || registry !== undefined) return [];
    const message = "release.token is set, but release.registry is not: the token is for no registry.";
    return [{ path: ["release", "token"], message, expected: "a registry beside the token" }];
  },
};

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
