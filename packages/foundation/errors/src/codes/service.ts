import type { ErrorEntry } from "../error-entry.ts";

/** Errors of the service room. */
export const serviceErrors = {
  SERVER_DRAINING: {
    status: 503,
    retryable: true,
    exitCode: 1,
    meaning: "The server is shutting down, so it takes no new work and ends what ran past its deadline.",
    fix: "Send the request again: another instance, or this one after its restart, answers it.",
  },
  SERVICE_START_FAILED: {
    status: 503,
    retryable: false,
    exitCode: 1,
    meaning: "A server process could not start, or its own first request was not answered.",
    fix: "Mend what the message names and start the process again.",
  },
  LISTEN_ADDRESS_IN_USE: {
    retryable: true,
    exitCode: 1,
    meaning: "Another process listens on the address that a server was told to use.",
    fix: "End the process that the message names, or configure another port or socket.",
  },
  LISTEN_DENIED: {
    retryable: false,
    exitCode: 1,
    meaning: "The operating system does not let this user listen on the address.",
    fix: "Choose a port of 1024 or higher, or a folder that the user may write to, or let systemd pass the socket.",
  },
  LISTEN_ADDRESS_INVALID: {
    retryable: false,
    exitCode: 2,
    meaning: "The address to listen on does not exist on this computer or cannot be a socket.",
    fix: "Configure an address of this computer, or the path of a socket in a folder that exists.",
  },
  LISTEN_SOCKETS_INVALID: {
    retryable: false,
    exitCode: 2,
    meaning: "The listening sockets that the service manager passed are not those that the service expects.",
    fix: "Set FileDescriptorName= in the socket unit to the name in the message, one ListenStream= each.",
  },
  TRACING_UNAVAILABLE: {
    retryable: false,
    exitCode: 2,
    meaning: "Traces are configured, but a package that sends them is not installed.",
    fix: "Install the packages that the message names, or remove the tracing endpoint from the configuration.",
  },
  AUDIT_LOG_BROKEN: {
    retryable: false,
    exitCode: 15,
    meaning: "The audit log was changed after it was written: a line or the end of it is not what was recorded.",
    fix: "Keep the files as evidence, find out who could write to them, and move them aside to begin a new log.",
  },
  AUDIT_LOG_UNWRITABLE: {
    status: 503,
    retryable: true,
    exitCode: 1,
    meaning: "An act could not be recorded in the audit log, so it must not be done.",
    fix: "Free space on the disk or repair the permissions that the message names, and restart the service.",
  },
} as const satisfies Record<string, ErrorEntry>;
