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
  STORAGE_VERSION_UNSUPPORTED: {
    status: 503,
    retryable: false,
    exitCode: 1,
    meaning: "The database's schema is older or newer than the versions that this program works with.",
    fix: "Older: run hxp storage migrate. Newer: run the program's newer version, or undo with it: hxp storage down.",
  },
  STORAGE_WOULD_LOSE_DATA: {
    status: 409,
    retryable: false,
    exitCode: 14,
    meaning: "What was asked for would destroy records or sums that nothing else holds; nothing was done.",
    fix: "Export the storage first, then say that the data may go.",
  },
  STORAGE_EXPORT_INVALID: {
    status: 422,
    retryable: false,
    exitCode: 15,
    meaning: "An export is not whole, was changed, or is of a version that this program does not know.",
    fix: "Export again, and import with the program's version that exported, or a newer one.",
  },
  STORAGE_NOT_EMPTY: {
    status: 409,
    retryable: false,
    exitCode: 14,
    meaning: "The database that was to be filled holds other records than the export.",
    fix: "Import into a new, empty database.",
  },
  STORAGE_RECORD_INVALID: {
    status: 422,
    retryable: false,
    exitCode: 1,
    meaning: "A record that was to be stored is not what its schema asks for; nothing of its batch was stored.",
    fix: "Leave the record that the details name out, and report what made it.",
  },
} as const satisfies Record<string, ErrorEntry>;
