import type { ErrorEntry } from "../error-entry.ts";

/** Errors of the storage room. */
export const storageErrors = {
  STORAGE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    exitCode: 1,
    meaning: "The database does not answer, or ended the connection.",
    fix: "Check that the database that the message names runs and can be reached; servers go on with what they have.",
  },
  STORAGE_CONFLICT: {
    status: 409,
    retryable: true,
    exitCode: 1,
    meaning: "A record was changed by somebody else meanwhile, or its id is taken.",
    fix: "Read it again and repeat the change.",
  },
  STORAGE_RECORD_INVALID: {
    status: 422,
    retryable: false,
    exitCode: 1,
    meaning: "A record that was to be stored is not what its schema asks for; nothing of its batch was stored.",
    fix: "Leave the record that the details name out, and report what made it.",
  },
} as const satisfies Record<string, ErrorEntry>;
