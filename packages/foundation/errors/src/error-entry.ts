/** What a kind of error means to a person, to an HTTP client and to a script. */
export interface ErrorEntry {
  /** HTTP status that a server answers with. Default 500. */
  status?: number;
  /** Whether the same call can succeed later without a change by the caller. */
  retryable: boolean;
  /** Exit code of a command that ends with this error (docs/errors.md lists them). */
  exitCode: 2 | 10 | 11 | 12 | 13 | 14 | 15 | 1;
  /** Set for what is only reported: nothing fails by it, so no answer or command ends with its status and exit code. */
  severity?: "warning";
  /** One sentence: what happened. */
  meaning: string;
  /** One sentence: what the reader does about it. */
  fix: string;
}
