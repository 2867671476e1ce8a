import type {
  EndingFacts,
  GateFacts,
  LogFacts,
  RebuildFacts,
  ReleaseFacts,
  SignerFacts,
  WaiverFacts,
} from "./release-facts.ts";

/** What an evidence folder makes known, for a person: one heading a fact, what was excused in capitals. No newline at its end. */
export function renderReleaseFacts(facts: ReleaseFacts): string {
  const { source, packages, builders, rebuild, gates, smoke } = facts;
  return renderSections([
    ["release", [facts.release, ...facts.endings.map((ending) => renderEnding(ending, facts))]],
    [
      "rehearsal",
      facts.isRehearsal ? ["A REHEARSAL: it went to an embedded registry and left the machine nowhere"] : [],
    ],
    ["bytes", packages.map((entry) => `${entry.name}@${entry.version} ${entry.integrity} (${entry.size} bytes)`)],
    ["commit", [`${source.commit} of ${source.repository ?? "a repository that is not named"}`]],
    ["", source.dirty.map((path) => `NOT COMMITTED: ${path}`)],
    [
      "builder",
      builders.map((builder) => `${builder}${hasCertificate(facts.signers) ? "" : ", by the signer's own word"}`),
    ],
    ["levels", [[...new Set(packages.flatMap(({ levels }) => levels))].join(", ")]],
    ["rebuilt", [renderRebuild(rebuild)]],
    ["gates", gates.map((gate) => renderGate(gate))],
    ["not judged", renderNotJudged(facts.notJudged)],
    ["not run", facts.notRun.map(({ gate, reason = "" }) => `NOT RUN: ${gate}: ${reason}`)],
    ["waivers", facts.waivers.length === 0 ? ["none"] : facts.waivers.map((waiver) => renderWaiver(waiver))],
    ["smoke test", [smoke.join(", ")]],
    ["signed by", facts.signers.map((signer) => renderSigner(signer))],
    ["log", renderLog(facts.log)],
  ]);
}

/** Headings and lines of facts, in two columns; what a terminal would obey is taken out. */
export function renderSections(sections: readonly (readonly [heading: string, lines: readonly string[]])[]): string {
  return sections
    .flatMap(([heading, lines]) => lines.map((line, index) => `${(index === 0 ? heading : "").padEnd(12)}${line}`))
    .map((line) => line.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�").trimEnd())
    .join("\n");
}

/** Whether all signers are identities that a certificate authority has proven. */
export function hasCertificate(signers: readonly SignerFacts[]): boolean {
  return signers.length > 0 && signers.every(({ validFor }) => validFor === null);
}

function renderEnding({ outcome, reason, recordedAt }: EndingFacts, { channel, registry }: ReleaseFacts): string {
  const where = outcome === "promoted" ? `to ${channel} of ${registry}` : `from ${channel} of ${registry}`;
  return `${outcome === "promoted" ? outcome : outcome.toUpperCase()} ${where}, recorded ${recordedAt}${reason === null ? "" : `: ${reason}`}`;
}

/** Whether a second build gave the same bytes, in words. */
function renderRebuild({ result, observed }: RebuildFacts): string {
  if (result === "identical") return ["identically", ...nameObserved(observed)].join("; ");
  if (result === "waived") return "WITH OTHER BYTES, which is waived";
  return result === "not-run" ? "NOT: the second build did not run" : "NOT: no gate built a second time";
}

function nameObserved(observed: Readonly<Record<string, string>>): string[] {
  return Object.entries(observed).map(([name, value]) => `${name} ${value}`);
}

function renderGate({ gate, verdict, file }: GateFacts): string {
  return `${(verdict === "passed" ? verdict : verdict.toUpperCase()).padEnd(8)} ${gate} (${file})`;
}

/** Which required gates left no result; nothing where all did. */
export function renderNotJudged(notJudged: readonly string[]): string[] {
  return notJudged.length === 0 ? [] : [`NOT JUDGED: no gate looked at ${notJudged.join(", ")}`];
}

/** A waiver, with the days that it has left. */
export function renderWaiver(waiver: WaiverFacts): string {
  const { gate, rule, package: name, dependency, owner, reason, expires, daysLeft } = waiver;
  const scope = [...(name === undefined ? [] : [name]), ...(dependency === undefined ? [] : [`on ${dependency}`])];
  const left = daysLeft < 0 ? `OVER since ${-daysLeft} days` : `${daysLeft} days left`;
  return `WAIVED ${[`${gate}/${rule}`, ...scope].join(" ")}: ${owner}: ${reason}; until ${expires}, ${left}`;
}

/** Who signed, and for which time the key counts. */
export function renderSigner({ name, id, validFor }: SignerFacts): string {
  if (validFor === null) return `${name} (issuer ${id}), by certificates`;
  return `the key ${name} (${id}), which counts from ${validFor.start} ${validFor.end === undefined ? "on" : `to ${validFor.end}`}`;
}

function renderLog({ origin, entries, grownFrom, ...log }: LogFacts): string[] {
  const growth = grownFrom === null ? "no release before to compare with" : `only grew, from ${grownFrom} entries`;
  return [`${origin}, ${entries} entries; ${growth}`, renderTimes(log)];
}

/** How many statements are in the log, and since when. */
export function renderTimes({ statements, first, last }: Pick<LogFacts, "statements" | "first" | "last">): string {
  return `${statements} statements are in it, each by a proof; taken from ${first} to ${last}, when the keys counted`;
}
