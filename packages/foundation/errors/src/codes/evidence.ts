import type { ErrorEntry } from "../error-entry.ts";

/** Errors of the evidence room. */
export const evidenceErrors = {
  RECORD_FILE_CORRUPT: {
    retryable: false,
    exitCode: 15,
    meaning: "An append-only file has a line before its last that is not a record: it was changed by something else.",
    fix: "Restore the file from a backup; compare it with the copy in the last evidence folder.",
  },
  STATEMENT_INVALID: {
    status: 400,
    retryable: false,
    exitCode: 15,
    meaning: "A statement, or its predicate, does not have the shape that its type asks for.",
    fix: "Correct the field that the message names; a statement that came from elsewhere is refused as it is.",
  },
  BUNDLE_INVALID: {
    status: 400,
    retryable: false,
    exitCode: 15,
    meaning: "A signature bundle is not a sigstore bundle with one signed in-toto statement in it.",
    fix: "Get the bundle again from where it was published; do not use what it was meant to vouch for.",
  },
  SIGNATURE_REFUSED: {
    status: 403,
    retryable: false,
    exitCode: 15,
    meaning: "A signature does not belong to the bytes or to the key that it comes with.",
    fix: "Do not use the signed content; get it and its signature again from the source.",
  },
  CERTIFICATE_REFUSED: {
    status: 403,
    retryable: false,
    exitCode: 15,
    meaning:
      "A signing certificate does not lead to a certificate authority in the trust root, or was not valid when it signed.",
    fix: "Check that the trust root holds the authority that issued the certificate.",
  },
  KEY_NOT_TRUSTED: {
    status: 403,
    retryable: false,
    exitCode: 15,
    meaning: "A signature was made with a key that the trust root does not hold for this purpose.",
    fix: "Check that the trust root is the right one; add the key to it only when its owner confirms the key.",
  },
  KEY_NOT_VALID: {
    status: 403,
    retryable: false,
    exitCode: 15,
    meaning: "A signature was made with a trusted key outside of the time for which the key is trusted.",
    fix: "Sign again with the key that is valid now; what an expired key signed late is not to be trusted.",
  },
  LOG_ENTRY_REFUSED: {
    status: 403,
    retryable: false,
    exitCode: 15,
    meaning: "A bundle lacks a transparency log entry, or its entry, proof or checkpoint does not belong to it.",
    fix: "Do not use the signed content; ask the log's operator whether the log knows the signature.",
  },
  IDENTITY_REFUSED: {
    status: 403,
    retryable: false,
    exitCode: 15,
    meaning: "A statement is signed by someone else than the policy asks for.",
    fix: "Check the identity policy, and who signed; the message names both.",
  },
  PREDICATE_REFUSED: {
    status: 403,
    retryable: false,
    exitCode: 15,
    meaning: "A signed statement says something of another kind than was asked for.",
    fix: "Ask for the predicate type that the statement has, or get the right statement.",
  },
  DIGEST_MISMATCH: {
    status: 403,
    retryable: false,
    exitCode: 15,
    meaning: "The bytes at hand are not those that the signed statement names.",
    fix: "Do not use the bytes; get them again and compare their digest with the statement.",
  },
  LOG_CORRUPT: {
    retryable: false,
    exitCode: 15,
    meaning:
      "The files of a transparency log do not agree with its signed checkpoint: an entry was changed or is missing.",
    fix: "Restore the log's folder from a backup and compare it with the checkpoints in earlier evidence folders.",
  },
  LOG_CLOCK_BEHIND: {
    status: 503,
    retryable: true,
    exitCode: 1,
    meaning:
      "The clock is behind the last entry of the transparency log, so that a new entry would be dated too early.",
    fix: "Set the clock of the machine right and try again.",
  },
  KEY_FILE_UNSAFE: {
    retryable: false,
    exitCode: 2,
    meaning: "A private key file can be read by other users.",
    fix: "Run chmod 600 on the file that the message names; if others had access, rotate the key.",
  },
  KEY_FILE_INVALID: {
    retryable: false,
    exitCode: 2,
    meaning: "A file is not the ECDSA P-256 private key, or the public half of it, that it should be.",
    fix: "Restore the key file from a backup, or name another path to make a new key there.",
  },
  KEY_PASSPHRASE_WRONG: {
    retryable: false,
    exitCode: 2,
    meaning: "An encrypted private key could not be opened with the passphrase that was given, or none was given.",
    fix: "Set HXP_KEY_PASSPHRASE to the passphrase of the key file that the message names.",
  },
  IDENTITY_TOKEN_MISSING: {
    retryable: true,
    exitCode: 1,
    meaning: "No identity token could be had for keyless signing, or what was had is not a token.",
    fix: "Run in a CI job that may request an OIDC token, or set SIGSTORE_ID_TOKEN; elsewhere, sign with a key.",
  },
  SIGNING_FAILED: {
    status: 502,
    retryable: true,
    exitCode: 1,
    meaning: "A signer, certificate authority or log did not do its part, so that nothing was signed.",
    fix: "Check that the service that the message names can be reached, and try again.",
  },
  TRUST_INVALID: {
    retryable: false,
    exitCode: 2,
    meaning: "A trust root or key list is not readable, or contradicts itself.",
    fix: "Get the trust root again from its owner over a channel that you trust.",
  },
} as const satisfies Record<string, ErrorEntry>;
