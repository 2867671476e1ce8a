import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { HxpError, isHxpError } from "@hxp/errors";
import { z } from "zod";
import type { ReleasedPackage } from "../released-package.ts";
import { escapePackageName } from "./package-path.ts";
import { parseAnswer, parseJson } from "./packument.ts";
import { createPublishBody } from "./publish-body.ts";
import type { ConnectionOptions, RegistryRequest } from "./registry-request.ts";
import type { RegistryClient } from "./registry-client.ts";

/** What became of a publish. */
export interface Published {
  /**
   * In mode `staged`: the registry's id of the staged version, to be approved with a second factor; null where an earlier
   * call has staged it and the id is not known.
   */
  readonly stageId?: string | null;
}

/** What {@link publishPackage} works with. */
export interface PublishContext {
  readonly connection: ConnectionOptions;
  readonly request: RegistryRequest;
  readonly client: RegistryClient;
}

/**
 * Uploads a package under a tag. The file is compared with `integrity` first. A call that fails may still have
 * arrived, so after each failure the registry is asked: the same bytes there are a success, other bytes are
 * REGISTRY_CONFLICT, none is another try or the error.
 */
export async function publishPackage(pkg: ReleasedPackage, tag: string, context: PublishContext): Promise<Published> {
  const tarball = await readPackedTarball(pkg);
  const body = createPublishBody(pkg, tarball, { tag, url: context.client.url });
  if (context.client.mode === "staged") return submitForApproval(pkg, body, context);
  const { retries = 3, retryDelayMs = 500, signal } = context.connection;
  for (let attempt = 0; ; attempt += 1) {
    const failure = await upload(pkg, body, context);
    if (failure === undefined) return {};
    if (await hasArrived(pkg, failure, context.client)) {
      await context.client.setTag(pkg.name, tag, pkg.version);
      return {};
    }
    if (!isHxpError(failure) || !failure.retryable || failure.code === "REGISTRY_FULL" || attempt >= retries) {
      throw describeUploadFailure(pkg, failure);
    }
    await sleep(retryDelayMs * 2 ** attempt, undefined, signal === undefined ? {} : { signal });
  }
}

/** Reads the packed file; other bytes or another manifest than the package says: REGISTRY_BYTES_DIFFER. */
export async function readPackedTarball(pkg: ReleasedPackage): Promise<Buffer> {
  const { name, version, manifest, integrity, tarball } = pkg;
  if (manifest["name"] !== name || manifest["version"] !== version || manifest["private"] === true) {
    throw new HxpError("USAGE_INVALID", `The manifest of ${name}@${version} names another package, or is private`);
  }
  const bytes = await readFile(tarball);
  const found = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (found === integrity) return bytes;
  throw new HxpError("REGISTRY_BYTES_DIFFER", `${tarball} is no longer what was packed as ${name}@${version}`, {
    details: { name, version, expected: integrity, found },
  });
}

const stagedSchema = z.looseObject({ stageId: z.string().optional() });

/**
 * npm takes a staged version with POST, which is not sent again, and refuses a second one with 409 whether the first waits
 * or is published. What waits cannot be read; after its approval reading back finds out whether it is ours.
 */
async function submitForApproval(pkg: ReleasedPackage, body: object, context: PublishContext): Promise<Published> {
  const action = `stage ${pkg.name}@${pkg.version}`;
  const path = `-/stage/package/${escapePackageName(pkg.name)}`;
  const answer = await context
    .request({ path, action, name: pkg.name, method: "POST", body, retries: 0 })
    .catch(async (failure: unknown) => {
      if (!isHxpError(failure, "REGISTRY_CONFLICT")) throw failure;
      return (await hasArrived(pkg, failure, context.client)) ? ("published" as const) : ("waiting" as const);
    });
  if (answer === "published") return {};
  if (answer === "waiting") return { stageId: null };
  if (answer === undefined) {
    throw new HxpError("REGISTRY_REFUSED", `${context.client.url} has no staged publishing`, {
      hint: "Use mode direct for this registry.",
    });
  }
  const { stageId = null } = parseAnswer(stagedSchema, parseJson(answer, action), action);
  return { stageId };
}

async function upload(pkg: ReleasedPackage, body: object, context: PublishContext): Promise<unknown> {
  const action = `publish ${pkg.name}@${pkg.version}`;
  try {
    const path = escapePackageName(pkg.name);
    const answer = await context.request({ path, action, name: pkg.name, method: "PUT", body, retries: 0 });
    return answer === undefined
      ? new HxpError("REGISTRY_UNAUTHORIZED", `Cannot ${action} on ${context.client.url}: 404 not found`)
      : undefined;
  } catch (error) {
    return error;
  }
}

async function hasArrived(pkg: ReleasedPackage, failure: unknown, client: RegistryClient): Promise<boolean> {
  if (!isHxpError(failure) || failure.code === "REGISTRY_OTP_NEEDED") return false;
  const packument = await client.readPackument(pkg.name).catch(() => undefined);
  const found = packument?.versions[pkg.version]?.dist.integrity;
  if (found === pkg.integrity) return true;
  if (packument === undefined || !Object.hasOwn(packument.versions, pkg.version)) return false;
  throw new HxpError("REGISTRY_CONFLICT", `${client.url} has ${pkg.name}@${pkg.version} with other bytes`, {
    cause: failure,
    details: { name: pkg.name, version: pkg.version, expected: pkg.integrity, found },
  });
}

/** A broken connection is worth another code than a registry that never answered: bytes were under way. */
function describeUploadFailure(pkg: ReleasedPackage, failure: unknown): unknown {
  if (!isHxpError(failure, "REGISTRY_UNREACHABLE") || failure.details["status"] !== undefined) return failure;
  const { code } = Object(failure.cause) as { code?: unknown };
  if (typeof code !== "string" || !/ECONNRESET|EPIPE|UND_ERR_SOCKET|ERR_STREAM_PREMATURE_CLOSE/.test(code))
    return failure;
  return new HxpError("REGISTRY_DIED_MID_UPLOAD", `${failure.message} while ${pkg.name}@${pkg.version} was uploaded`, {
    cause: failure,
    details: failure.details,
  });
}
