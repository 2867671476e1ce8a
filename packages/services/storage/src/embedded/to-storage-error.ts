import { HxpError } from "@hxp/errors";

// Primary result codes of SQLite, https://www.sqlite.org/rescode.html
const full = 13;
const unavailable: Readonly<Record<number, string>> = {
  3: "Give the current user access to it.",
  5: "Another process is writing for longer than timeouts.lock: end it, or wait.",
  6: "Another process is writing for longer than timeouts.lock: end it, or wait.",
  8: "Give the current user the right to write to it and to its folder.",
  10: "The disk fails: look at the system's log.",
  11: "The file is damaged: restore it from an export.",
  14: "Check that its folder exists and that the current user may write to it.",
  26: "It is no database of HXP's: name another folder.",
};

/** What went wrong in the database's thread, as one of our errors. */
export function toStorageError(failed: { message: string; code?: unknown }, file: string): HxpError {
  const code = typeof failed.code === "number" ? failed.code : undefined;
  const primary = code === undefined ? undefined : code % 256;
  if (primary === full) return new HxpError("STORAGE_FULL", `No space left for the database ${file}.`);
  const hint = primary === undefined ? undefined : unavailable[primary];
  if (primary === undefined || hint !== undefined) {
    const message = `The embedded database ${file} does not answer: ${failed.message}.`;
    return new HxpError("STORAGE_UNAVAILABLE", message, { ...(hint === undefined ? {} : { hint }), details: { file } });
  }
  return new HxpError("INTERNAL", `The embedded database ${file} refused a statement: ${failed.message}.`);
}
