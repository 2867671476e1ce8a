import type { ReleasePlan } from "@hxp/evidence";

/** Release notes in Markdown, as a GitHub release shows them. */
export function renderReleaseNotes(plan: ReleasePlan): string {
  const { channel, source, packages } = plan;
  const rows = packages.map(
    ({ name, version, oldVersion, bump }) => `| ${name} | ${oldVersion} | **${version}** | ${bump} |`,
  );
  const changes = packages.flatMap(({ name, version, reasons }) => [
    "",
    `## ${name} ${version}`,
    "",
    ...reasons.map((reason) => `- ${reason}`),
  ]);
  return [
    `# Release of ${packages.length} packages to \`${channel}\``,
    "",
    `Source commit \`${source.commit}\`, release commit \`${plan.releaseCommit}\`.`,
    "",
    "| package | from | to | bump |",
    "|---|---|---|---|",
    ...rows,
    ...changes,
    "",
  ].join("\n");
}
