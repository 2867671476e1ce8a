import type { ErrorEntry } from "../error-entry.ts";

/** Errors that any room can raise. */
export const generalErrors = {
  USAGE_INVALID: {
    status: 400,
    retryable: false,
    exitCode: 2,
    meaning: "A command or function was called with an argument that it does not take.",
    fix: "Run the command with --help and correct the argument that the message names.",
  },
  COMMAND_FAILED: {
    retryable: false,
    exitCode: 1,
    meaning: "A program that HXP started ended with an error.",
    fix: "Read the program's last lines of output in the message and mend what they name.",
  },
  FILE_UNREADABLE: {
    retryable: false,
    exitCode: 2,
    meaning: "A file or folder that was named could not be read.",
    fix: "Check that the path exists and that the current user may read it.",
  },
  STORAGE_FULL: {
    status: 507,
    retryable: true,
    exitCode: 1,
    meaning: "The disk, or the quota on it, is full; what was being written has been taken back.",
    fix: "Free space on the file system that the message names and run the command again: it goes on where it stopped.",
  },
  LEASE_HELD: {
    status: 409,
    retryable: true,
    exitCode: 12,
    meaning: "Another process is doing the same job right now.",
    fix: "Wait until the holder that the message names has ended; a holder that died is recognised by itself.",
  },
  INTERNAL: {
    status: 500,
    retryable: false,
    exitCode: 1,
    meaning: "HXP met a state that it takes to be impossible.",
    fix: "Report it with the message and the command that was run.",
  },
} as const satisfies Record<string, ErrorEntry>;
