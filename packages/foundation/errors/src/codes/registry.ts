import type { ErrorEntry } from "../error-entry.ts";

/** Errors of the registry room. */
export const registryErrors = {
  REGISTRY_UNREACHABLE: {
    status: 502,
    retryable: true,
    exitCode: 1,
    meaning: "The registry did not answer, answered too late, or answered with a server error, after all retries.",
    fix: "Check the registry's address and the network, then run the command again: it goes on where it stopped.",
  },
  REGISTRY_DIED_MID_UPLOAD: {
    status: 502,
    retryable: true,
    exitCode: 1,
    meaning: "The connection broke while a package was being uploaded, and the version did not arrive.",
    fix: "Run the command again: what has arrived is recognised by its digest and is not sent twice.",
  },
  REGISTRY_ANSWER_INVALID: {
    status: 502,
    retryable: false,
    exitCode: 1,
    meaning: "The registry answered with something that is not what the npm protocol says.",
    fix: "Check that the address is that of an npm registry and that nothing between rewrites its answers.",
  },
  REGISTRY_UNAUTHORIZED: {
    status: 403,
    retryable: false,
    exitCode: 1,
    meaning: "The registry does not let this credential do this, or there is no credential.",
    fix: "Set NPM_TOKEN, or a token for this registry in .npmrc, that may publish the package the message names.",
  },
  REGISTRY_OTP_NEEDED: {
    status: 401,
    retryable: false,
    exitCode: 1,
    meaning: "The registry asks for a one-time password, or did not accept the one it was given.",
    fix: "Run the command again with --otp and the code that your authenticator shows, or use trusted publishing.",
  },
  REGISTRY_REFUSED: {
    status: 400,
    retryable: false,
    exitCode: 1,
    meaning: "The registry understood the request and refused it.",
    fix: "Read the registry's own words in the message and mend what they name.",
  },
  REGISTRY_FULL: {
    status: 507,
    retryable: true,
    exitCode: 1,
    meaning: "The registry has no space left for the package; nothing of it was kept.",
    fix: "Free space where the registry keeps its data and run the command again: it goes on where it stopped.",
  },
  REGISTRY_CONFLICT: {
    status: 409,
    retryable: false,
    exitCode: 15,
    meaning: "The registry already has this version, with other bytes than the ones to be released.",
    fix: "Release a new version: a published version never changes. If nobody of yours published it, treat it as an attack.",
  },
  REGISTRY_BYTES_DIFFER: {
    status: 422,
    retryable: false,
    exitCode: 15,
    meaning: "A tarball, or the digest that names it, is not the one that was packed and planned.",
    fix: "Do not promote it: find out whether the file on disk or the registry's copy changed, then pack and plan anew.",
  },
  REGISTRY_SIGNATURE_BAD: {
    status: 422,
    retryable: false,
    exitCode: 15,
    meaning: "A registry signature or attestation is missing, is not by a trusted key, or does not match the package.",
    fix: "Do not promote it: check which keys the registry serves and that nothing between rewrites its answers.",
  },
  REGISTRY_NOT_VISIBLE: {
    status: 504,
    retryable: true,
    exitCode: 1,
    meaning: "A version was uploaded, but the registry did not show it in time; public registries scan for minutes.",
    fix: "Run the command again later, or with a longer wait; a staged version has to be approved first.",
  },
  REGISTRY_TAG_MOVED: {
    status: 409,
    retryable: false,
    exitCode: 13,
    meaning: "A dist-tag does not point where the plan recorded it: somebody else has released in the meantime.",
    fix: "Look at what the tag points to now, then plan anew.",
  },
  REGISTRY_PROMOTION_REVERTED: {
    status: 502,
    retryable: true,
    exitCode: 10,
    meaning:
      "Promotion failed on the way; every dist-tag is back where the plan recorded it, but for a first `latest` that the registry lets nobody remove.",
    fix: "Mend what the message names and run the command again: uploaded versions stay staged.",
  },
  REGISTRY_RESTORE_FAILED: {
    status: 502,
    retryable: true,
    exitCode: 11,
    meaning:
      "Dist-tags are not back where they were, because that failed or somebody else moved them: the channel points to a mix.",
    fix: "Run the command again when the registry answers, or set the tags that the message lists by hand.",
  },
} as const satisfies Record<string, ErrorEntry>;
