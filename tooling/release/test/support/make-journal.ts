import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Journal, type JournalEntry, openJournal } from "../../src/journal/journal.ts";
import { recordSeal, type Seal } from "../../src/journal/journaled-releases.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A journal on disk whose clock goes on by a second with each record; closed after the test. */
export function makeJournal(path: string = join(temporaryFolder(), "journal.jsonl")): Journal {
  let now = Date.UTC(2026, 0, 1);
  const journal = openJournal(path, () => (now += 1000));
  onTestFinished(() => journal.close());
  return journal;
}

/** A seal of `core@1.0.0` to `latest` of `embedded:1`. */
export function makeSeal(changes: Partial<Seal> = {}): Seal {
  return {
    planDigest: "0".repeat(64),
    sourceKey: "key",
    registry: { name: "local", identity: "embedded:1" },
    channel: "latest",
    stagingTag: "staging-1",
    source: "a".repeat(40),
    releaseCommit: "b".repeat(40),
    packages: [makeSealed()],
    ...changes,
  };
}

/** A package of a seal. */
export function makeSealed(changes: Partial<Seal["packages"][number]> = {}): Seal["packages"][number] {
  const { name = "core", version = "1.0.0" } = changes;
  return {
    name,
    version,
    integrity: `sha512-${name}-${version}`,
    expectedTag: null,
    onRegistry: false,
    trees: [`tree-${name}-${version}`],
    ...changes,
  };
}

/** Seals a release of one version of `core`, whose tag was at another one before. */
export function sealVersion(
  journal: Journal,
  id: string,
  { version, before = null, ...changes }: { version: string; before?: string | null } & Partial<Seal>,
): void {
  recordSeal(journal, id, makeSeal({ packages: [makeSealed({ version, expectedTag: before })], ...changes }));
}

/** Writes an effect that was done. */
export function recordDone(journal: Journal, entry: Omit<JournalEntry, "phase">): void {
  journal.add({ ...entry, phase: "before" });
  journal.add({ release: entry.release, kind: entry.kind, target: entry.target, phase: "after" });
}
