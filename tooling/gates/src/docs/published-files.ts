import { posix } from "node:path";
import type { GatePackage, JsonValue } from "../gate.ts";
import type { LinkPlace } from "./check-link.ts";

/** Hosts that npm's website makes whole links for out of relative ones. */
const rewritten = /^github\.com$/;

/**
 * Says which links of a package's README lead nowhere for whoever reads it on the registry's page or in node_modules.
 * npm's website follows a relative link into the repository, below `repository.directory`.
 */
export function judgePublishedLinks(item: GatePackage, packed: ReadonlySet<string>): LinkPlace["whyUnpublished"] {
  const { host, directory } = readRepository(item.manifest["repository"]);
  return (target) => {
    const inside = posix.relative(item.folder, target);
    if (isPacked(inside, packed)) return undefined;
    if (host === undefined) return { message: "its package.json names no repository", severity: "error" };
    if (posix.normalize(directory) !== posix.normalize(item.folder)) {
      const message = `its repository.directory is ${JSON.stringify(directory)}, expected ${JSON.stringify(item.folder)}`;
      return { message, severity: "error" };
    }
    if (rewritten.test(host)) return undefined;
    return { message: `npm's website makes no link of it for ${host}`, severity: "warning" };
  };
}

function isPacked(path: string, packed: ReadonlySet<string>): boolean {
  return packed.has(path) || [...packed].some((file) => file.startsWith(`${path}/`));
}

function readRepository(value: JsonValue | undefined): { host?: string; directory: string } {
  if (typeof value === "string") return { ...readHost(value), directory: "." };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { directory: "." };
  const { url, directory } = value;
  return {
    ...(typeof url === "string" ? readHost(url) : {}),
    directory: typeof directory === "string" ? directory : ".",
  };
}

function readHost(repository: string): { host?: string } {
  const [, shorthand] = /^(?:(github|gitlab|bitbucket):)?[\w.-]+\/[\w.-]+$/.exec(repository) ?? [];
  if (/^[\w.-]+\/[\w.-]+$/.test(repository) || shorthand === "github") return { host: "github.com" };
  if (shorthand !== undefined) return { host: `${shorthand}.${shorthand === "gitlab" ? "com" : "org"}` };
  const [, host] = /^(?:git\+)?(?:[a-z]+:\/\/)?(?:[^@/]+@)?([\w.-]+)[:/]/.exec(repository) ?? [];
  return host === undefined ? {} : { host };
}
