import type { ErrorEntry } from "../error-entry.ts";

/** Errors of the cli room. */
export const cliErrors = {
  PLATFORM_RUNNING: {
    status: 409,
    retryable: false,
    exitCode: 12,
    meaning: "A server runs on this data folder already; two would overwrite each other's files.",
    fix: "Ask hxp status where it answers, stop it with Ctrl-C or SIGTERM, or give the second one its own --data.",
  },
  PLATFORM_NOT_RUNNING: {
    status: 404,
    retryable: true,
    exitCode: 14,
    meaning: "No server runs on this data folder.",
    fix: "Start one with hxp up, or name the data folder of the one you mean with --data.",
  },
  DATA_UNWRITABLE: {
    retryable: false,
    exitCode: 2,
    meaning: "The data folder cannot be made or written.",
    fix: "Give the current user the folder that the message names, or choose another with --data.",
  },
  FILE_EXISTS: {
    status: 409,
    retryable: false,
    exitCode: 2,
    meaning: "A file that a command would write is there already.",
    fix: "Move it away, or replace it with --force.",
  },
  MODEL_PROCESS_FAILED: {
    status: 503,
    retryable: false,
    exitCode: 1,
    meaning: "The process of a model ended before it was ready, or ended again and again.",
    fix: "Read the reason in the message; hxp serve model <name> runs it alone, with its whole log.",
  },
  KEY_UNKNOWN: {
    status: 404,
    retryable: false,
    exitCode: 2,
    meaning: "There is no key with this id.",
    fix: "List the keys with hxp keys list; the id is the part between hxp_ and the next underscore.",
  },
} as const satisfies Record<string, ErrorEntry>;
