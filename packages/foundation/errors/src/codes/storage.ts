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
} as const satisfies Record<string, ErrorEntry>;
