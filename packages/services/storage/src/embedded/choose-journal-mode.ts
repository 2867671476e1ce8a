/**
 * How SQLite keeps a transaction until it is whole. WAL, in which readers and a writer do not wait for each other, since
 * 3.51.3: before, two processes that write and checkpoint at the same instant can damage the file
 * (https://www.sqlite.org/wal.html#the_wal_reset_bug).
 */
export function chooseJournalMode(version: string): "WAL" | "DELETE" {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  const isMended = major > 3 || (major === 3 && (minor > 51 || (minor === 51 && patch >= 3)));
  return isMended ? "WAL" : "DELETE";
}
