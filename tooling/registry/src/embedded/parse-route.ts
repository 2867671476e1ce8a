import { isPackageName, isVersion } from "../client/package-path.ts";
import { Refusal } from "./http.ts";

/** What a request's path asks for, whatever its method. */
export type Route =
  | { readonly kind: "ping" | "whoami" | "keys" | "advisories" | "unknown" }
  | { readonly kind: "attestations" | "version"; readonly name: string; readonly version: string }
  | { readonly kind: "packument" | "tags"; readonly name: string }
  | { readonly kind: "tag"; readonly name: string; readonly tag: string }
  | { readonly kind: "tarball"; readonly name: string; readonly file: string }
  | { readonly kind: "revision"; readonly name: string; readonly revision: string }
  | { readonly kind: "tarball-revision"; readonly name: string; readonly file: string; readonly revision: string };

const fixed: Record<string, "ping" | "whoami" | "keys" | "advisories"> = {
  "-/ping": "ping",
  "-/whoami": "whoami",
  "-/npm/v1/keys": "keys",
  "-/npm/v1/security/advisories/bulk": "advisories",
};

/** Reads the path of a request to an npm registry; clients write `@scope%2fname` and `@scope/name`. Malformed: 400. */
export function parseRoute(path: string): Route {
  const parts = splitPath(path);
  const known = fixed[parts.join("/")];
  if (known !== undefined) return { kind: known };
  if (parts[0] === "-") return parseServiceRoute(parts.slice(1));
  const [name, ...rest] = joinScope(parts);
  return name === undefined || !isSafeName(name) ? { kind: "unknown" } : parsePackageRoute(name, rest);
}

function parseServiceRoute(parts: string[]): Route {
  if (parts[0] === "package") {
    const [name = "", endpoint, tag, ...rest] = joinScope(parts.slice(1));
    if (!isSafeName(name) || endpoint !== "dist-tags" || rest.length > 0) return { kind: "unknown" };
    return tag === undefined ? { kind: "tags", name } : { kind: "tag", name, tag };
  }
  if (parts.slice(0, 3).join("/") === "npm/v1/attestations") {
    const spec = parts.slice(3).join("/");
    const at = spec.lastIndexOf("@");
    const [name, version] = [spec.slice(0, Math.max(at, 0)), spec.slice(at + 1)];
    if (isSafeName(name) && isVersion(version)) return { kind: "attestations", name, version };
  }
  return { kind: "unknown" };
}

function parsePackageRoute(name: string, rest: string[]): Route {
  const [first, second, ...more] = rest;
  if (first === undefined) return { kind: "packument", name };
  if (first === "-") return parseTarballRoute(name, rest.slice(1));
  if (second === undefined) return { kind: "version", name, version: first };
  return first === "-rev" && more.length === 0 ? { kind: "revision", name, revision: second } : { kind: "unknown" };
}

function parseTarballRoute(name: string, rest: string[]): Route {
  const [file, marker, revision] = rest;
  if (file === undefined || !/^[\w.~+-]+\.tgz$/.test(file)) return { kind: "unknown" };
  if (marker === undefined) return { kind: "tarball", name, file };
  if (marker !== "-rev" || revision === undefined || rest.length > 3) return { kind: "unknown" };
  return { kind: "tarball-revision", name, file, revision };
}

function splitPath(path: string): string[] {
  try {
    return path.replace(/^\//, "").replace(/\/$/, "").split("/").map(decodeURIComponent);
  } catch {
    throw new Refusal(400, "The path is not a well-formed URL path");
  }
}

function joinScope(parts: string[]): string[] {
  const [scope, name, ...rest] = parts;
  return scope?.startsWith("@") === true && !scope.includes("/") && name !== undefined
    ? [`${scope}/${name}`, ...rest]
    : parts;
}

/** Old names upstream have capitals; what matters is that no name can leave its place in a path. */
function isSafeName(name: string): boolean {
  return isPackageName(name.toLowerCase()) && !name.includes("..");
}
