import { type KeyObject } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { HxpError } from "@hxp/errors";
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from "@sigstore/protobuf-specs";
import { z } from "zod";
import { writeFileDurably } from "../durable/index.ts";
import { logIdOf, requireOrigin } from "../log/checkpoint.ts";
import { identifyPublicKey, isP256 } from "../sign/public-key.ts";
import { validate } from "../validate.ts";
import { type TrustedKey, trustedKeySchema, toWholeSecond } from "./trusted-key.ts";
import { type TrustedRootJson, trustedRootSchema } from "./trusted-root.ts";

/** What signatures are checked against: logs and authorities in sigstore's own form, and keys of ours. Plain data; never changed in place. */
export interface Trust {
  /** Content of `trusted_root.json`, which every sigstore client reads. */
  readonly trustedRoot: TrustedRootJson;
  readonly keys: readonly TrustedKey[];
}

/** A transparency log of ours that a trust is to hold. */
export interface TrustedLog {
  origin: string;
  /** KeyObject or PEM. */
  publicKey: KeyObject | string;
  /** From when on the log's key counts; default: always. */
  start?: Date;
  end?: Date;
}

/** What {@link exportTrust} takes. */
export interface TrustParts {
  logs?: readonly TrustedLog[];
  keys?: readonly TrustedKey[];
  /** A `trusted_root.json` to add to: certificate authorities, CT logs and timestamp authorities of a sigstore elsewhere. */
  base?: TrustedRootJson;
}

const trustedKeysMediaType = "application/vnd.hxp.trusted-keys.v1+json";
const trustedRootFile = "trusted_root.json";
const trustedKeysFile = "trusted_keys.json";
const maximumBytes = 4 * 1024 * 1024;

const trustedKeysSchema = z.looseObject({
  mediaType: z.literal(trustedKeysMediaType),
  keys: z.array(trustedKeySchema).superRefine((keys, context) => {
    const twice = keys.find(({ hint }, index) => keys.findIndex((other) => other.hint === hint) !== index);
    if (twice !== undefined) context.addIssue({ code: "custom", message: `the key ${twice.hint} is listed twice` });
  }),
});

/** Makes a trust from logs, keys, and a trusted root to add to. Throws TRUST_INVALID naming what does not fit. */
export function exportTrust({ logs = [], keys = [], base }: TrustParts): Trust {
  const own = TrustedRoot.toJSON({
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: logs.map(toLogInstance),
    certificateAuthorities: [],
    ctlogs: [],
    timestampAuthorities: [],
  }) as TrustedRootJson;
  const trustedRoot = base === undefined ? own : { ...base, tlogs: [...(base.tlogs ?? []), ...(own.tlogs ?? [])] };
  return checkTrust({ trustedRoot, keys }, "the trust");
}

/** Writes a trust to a folder as `trusted_root.json` and `trusted_keys.json`. */
export function writeTrust(folder: string, trust: Trust): void {
  const { trustedRoot, keys } = checkTrust(trust, "the trust");
  const write = (name: string, content: unknown): void =>
    writeFileDurably(join(folder, name), `${JSON.stringify(content, undefined, 2)}\n`);
  write(trustedKeysFile, { mediaType: trustedKeysMediaType, keys });
  write(trustedRootFile, trustedRoot);
}

/**
 * Reads a trust from a folder, or from a `trusted_root.json` with, or without, a `trusted_keys.json` beside it. Throws
 * FILE_UNREADABLE and, where a field is wrong, TRUST_INVALID; unknown fields are kept.
 */
export function readTrust(path: string): Trust {
  const rootPath = isFolder(path) ? join(path, trustedRootFile) : path;
  const keysPath = join(dirname(rootPath), trustedKeysFile);
  const trustedRoot = validate(trustedRootSchema, readJson(rootPath), { code: "TRUST_INVALID", what: rootPath });
  const keysContent = statSync(keysPath, { throwIfNoEntry: false }) === undefined ? undefined : readJson(keysPath);
  if (keysContent === undefined) return { trustedRoot, keys: [] };
  return {
    trustedRoot,
    keys: validate(trustedKeysSchema, keysContent, { code: "TRUST_INVALID", what: keysPath }).keys,
  };
}

/** Checks a trust that came as data. */
function checkTrust(trust: Trust, what: string): Trust {
  validate(trustedRootSchema, trust.trustedRoot, { code: "TRUST_INVALID", what, path: ["trustedRoot"] });
  const keys = { mediaType: trustedKeysMediaType, keys: trust.keys };
  validate(trustedKeysSchema, keys, { code: "TRUST_INVALID", what });
  return trust;
}

function toLogInstance({ origin, publicKey, start, end }: TrustedLog): TrustedRoot["tlogs"][number] {
  const { key, der } = identifyPublicKey(publicKey);
  if (!isP256(key)) throw new HxpError("USAGE_INVALID", `the key of the log ${origin} is not ECDSA P-256`);
  const validFor = {
    start: new Date(toWholeSecond(start ?? new Date(0))),
    end: end === undefined ? undefined : new Date(toWholeSecond(end)),
  };
  return {
    baseUrl: `https://${requireOrigin(origin)}`,
    hashAlgorithm: HashAlgorithm.SHA2_256,
    logId: { keyId: logIdOf(key) },
    checkpointKeyId: undefined,
    operator: "",
    publicKey: { rawBytes: der, keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256, validFor },
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function readJson(path: string): unknown {
  let text: string;
  try {
    if (statSync(path).size > maximumBytes)
      throw new HxpError("TRUST_INVALID", `${path} is over ${maximumBytes} bytes`);
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof HxpError) throw cause;
    throw new HxpError("FILE_UNREADABLE", `the trust root ${path} cannot be read`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HxpError("TRUST_INVALID", `${path} is not JSON`, { cause });
  }
}
