import { readFileSync } from "node:fs";
import { HxpError } from "@hxp/errors";
import { parseRegistryUrl } from "../client/registry-request.ts";
import { createCredential, type Credential } from "./credential.ts";

/** Where {@link readCredential} looks. */
export interface CredentialSources {
  /** Environment variables; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Paths of npmrc files, the most important first; those that do not exist are skipped. */
  readonly npmrcFiles: readonly string[];
}

const variables = ["NPM_TOKEN", "NODE_AUTH_TOKEN"];

/**
 * Finds the token for a registry: `NPM_TOKEN`, `NODE_AUTH_TOKEN`, then `//host/path/:_authToken` or `:_auth` of the
 * npmrc files, the longest path that fits first, with `${NAME}` expanded. Undefined where there is none; a token
 * that names an unset variable, or a file that cannot be read, is an error, because it was meant to work.
 */
export function readCredential(url: string, sources: CredentialSources): Credential | undefined {
  const { env = process.env, npmrcFiles } = sources;
  for (const name of variables) {
    const secret = env[name]?.trim();
    if (secret !== undefined && secret !== "") return createCredential({ secret, source: name });
  }
  for (const file of npmrcFiles) {
    const credential = findInNpmrc(url, { file, env });
    if (credential !== undefined) return credential;
  }
  return undefined;
}

function findInNpmrc(
  url: string,
  { file, env }: { file: string; env: Readonly<Record<string, string | undefined>> },
): Credential | undefined {
  const settings = parseNpmrc(readIfThere(file));
  for (const prefix of registryPrefixes(url)) {
    for (const [field, scheme] of [
      ["_authToken", "bearer"],
      ["_auth", "basic"],
    ] as const) {
      const value = settings.get(`${prefix}:${field}`);
      if (value !== undefined) return createCredential({ secret: expand(value, { file, env }), source: file, scheme });
    }
  }
  return undefined;
}

/** `//host/a/b/`, `//host/a/`, `//host/`: npm binds a credential to an address and all below it. */
function registryPrefixes(url: string): string[] {
  const { host, pathname } = new URL(parseRegistryUrl(url));
  const parts = pathname.split("/").filter((part) => part !== "");
  const paths = Array.from({ length: parts.length + 1 }, (_, index) => parts.slice(0, parts.length - index));
  return paths.flatMap((path) => {
    const prefix = ["", "", host, ...path].join("/");
    return [`${prefix}/`, prefix];
  });
}

function parseNpmrc(text: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) settings.set(key, value.replace(/^(["'])(.*)\1$/, "$2"));
  }
  return settings;
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw new HxpError("FILE_UNREADABLE", `Cannot read ${file}`, { cause });
  }
}

function expand(
  value: string,
  { file, env }: { file: string; env: Readonly<Record<string, string | undefined>> },
): string {
  return value.replace(/\$\{([^}?]+)(\?)?\}/g, (_, name: string, isOptional: string | undefined) => {
    const found = env[name];
    if (found !== undefined || isOptional !== undefined) return found ?? "";
    throw new HxpError("REGISTRY_UNAUTHORIZED", `${file} takes its token from ${name}, which is not set`);
  });
}
