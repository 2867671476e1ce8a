import type { Finding, GateResult } from "@hxp/release-gates";

/** What the gates say, for people: a line each, and below it every finding with the way to mend it. */
export function renderVerdicts(verdicts: readonly GateResult[]): string {
  return verdicts
    .flatMap((verdict) => [renderLine(verdict), ...verdict.findings.map((finding) => renderFinding(finding))])
    .join("\n");
}

function renderLine({ gate, verdict, checked, reason, durationMs }: GateResult): string {
  const why = reason === undefined ? "" : `: ${reason}`;
  return `  ${gate} ${verdict}${why} (${checked} checked, ${(durationMs / 1000).toFixed(1)} s)`;
}

function renderFinding({ severity, rule, package: name, where, message, why, fix, waiver }: Finding): string {
  const subject = [name, where].filter((part) => part !== undefined && part !== "").join(" · ");
  const lines = [`    ${severity} ${rule} · ${subject}`, `      ${message}`, `      why: ${why}`, `      fix: ${fix}`];
  if (waiver !== undefined) lines.push(`      waived until ${waiver.expires} by ${waiver.owner}: ${waiver.reason}`);
  return lines.join("\n");
}
