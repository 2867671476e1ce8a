import type { Rule } from "@hxp/config";
import type { StorageConfig } from "../storage-schema.ts";

/** A password, and encryption, are for a URL. */
export const connectionHasUrl: Rule<StorageConfig> = {
  reads: ["url", "password", "tls"],
  check: ({ url, password, tls }) => {
    if (url !== undefined) return [];
    const unused = [
      ...(password === undefined ? [] : [{ path: ["password"], name: "password" }]),
      ...(tls.mode === undefined || tls.mode === "off" ? [] : [{ path: ["tls", "mode"], name: "tls.mode" }]),
      ...(tls.ca === undefined ? [] : [{ path: ["tls", "ca"], name: "tls.ca" }]),
    ];
    return unused.map(({ path, name }) => ({
      path,
      message: `${name} is set, but url is not: the embedded database has no connection.`,
      expected: "a url beside it",
    }));
  },
};

/** Authorities are for connections that are checked. */
export const authorityIsAsked: Rule<StorageConfig> = {
  reads: ["tls"],
  check: ({ tls }) => {
    if (tls.ca === undefined || (tls.mode !== "off" && tls.mode !== "encrypt")) return [];
    const message = `tls.ca is set, but tls.mode is ${tls.mode}: nobody asks the authorities.`;
    return [{ path: ["tls", "ca"], message, expected: "tls.mode verify" }];
  },
};

/** What crosses a network is encrypted. */
export const networkIsEncrypted: Rule<StorageConfig> = {
  reads: ["url", "tls"],
  check: ({ url, tls }) => {
    if (url === undefined || tls.mode !== "off" || isLocalDatabase(url)) return [];
    const message = `tls.mode is off, but ${new URL(url).host} is across a network: keys and usage would cross it in plain text.`;
    return [{ path: ["tls", "mode"], message, severity: "warning", expected: "tls.mode verify" }];
  },
};

/** Whether a database URL leads to this computer: a loopback address, a socket's folder (`%2Frun%2Fpostgresql`), or no host. */
export function isLocalDatabase(url: string): boolean {
  const { hostname } = new URL(url);
  const isSocket = hostname === "" || /^%2f/i.test(hostname);
  return isSocket || hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
