import { holdKinds } from "../load/requests.ts";
import type { Report } from "../run-gateway-bench.ts";
import type { Scenario } from "../scenarios.ts";
import { renderMarkdownTable } from "./render-markdown-table.ts";
import type { Standing } from "./summarise.ts";

/** The report for people, in Markdown: what was measured, on what, and which goals were met. */
export function renderReport(report: Report, scenarios: readonly Scenario[]): string {
  const { machine, rounds, seconds, contenders, skipped } = report;
  return [
    `${rounds} rounds of ${seconds} s a load, interleaved; ${machine.cpus} × ${machine.cpu}, Node ${machine.node}, load before ${machine.load}`,
    "",
    ...Object.entries(contenders).map(([name, about]) => `- **${name}**: ${about}`),
    ...Object.entries(skipped).map(([name, why]) => `- **${name} DID NOT TAKE PART**: ${why}`),
    "",
    ...scenarios.flatMap((scenario) => renderScenario(report, scenario)),
    "Requests/s of HXP ÷ those of others, round by round:",
    "",
    renderRatios(report, "ratio"),
    "",
    "Processor time a request of others ÷ that of HXP, round by round:",
    "",
    renderRatios(report, "cpuRatio"),
    "",
    "Requests whose client left that were broken off at the upstream within 1 s, and memory after the loads:",
    "",
    renderEnds(report),
    "",
    renderGoals(report),
    "",
  ].join("\n");
}

function renderScenario({ scenarios }: Report, { name, title, kinds }: Scenario): string[] {
  const isStream = kinds.includes("stream");
  const headings = ["", "req/s", "p50 ms", "p99 ms", "+ p50", "+ p99"];
  if (isStream) headings.push("TTFT p50", "TTFT p99", "+ TTFT p50", "+ TTFT p99");
  headings.push("CPU µs", "failures");
  const rows = Object.entries(scenarios[name] ?? {}).map(([contender, standing]) => [
    contender,
    standing.requestsPerSecond.median.toFixed(0),
    ...timesOf(standing, isStream).map((time) => time.toFixed(2)),
    standing.cpuPerRequest.median.toFixed(0),
    String(standing.failures),
  ]);
  return [`${title[0]?.toUpperCase()}${title.slice(1)}:`, "", renderMarkdownTable(headings, rows), ""];
}

function timesOf(standing: Standing, isStream: boolean): number[] {
  const { p50, p99, addedP50, addedP99 } = standing;
  const { firstByteP50, firstByteP99, addedFirstByteP50, addedFirstByteP99 } = standing;
  const firstBytes = isStream ? [firstByteP50, firstByteP99, addedFirstByteP50, addedFirstByteP99] : [];
  return [p50, p99, addedP50, addedP99, ...firstBytes].map(({ median }) => median);
}

function renderRatios({ ratios }: Report, which: "ratio" | "cpuRatio"): string {
  const others = [...new Set(ratios.map(({ to }) => to))];
  const scenarios = [...new Set(ratios.map(({ scenario }) => scenario))];
  const rows = scenarios.map((scenario) => [
    scenario,
    ...others.map((other) => {
      const found = ratios.find((ratio) => ratio.scenario === scenario && ratio.to === other)?.[which];
      return found === undefined ? "" : `${round(found.median)} (${round(found.min)}–${round(found.max)})`;
    }),
  ]);
  return renderMarkdownTable(["", ...others.map((other) => `÷ ${other}`)], rows);
}

function renderEnds({ aborts, rss }: Report): string {
  const rows = Object.entries(aborts).map(([name, byKind]) => [
    name,
    ...holdKinds.map((kind) => {
      const { left, reached, slowestMs } = byKind[kind];
      return `${reached}/${left}${slowestMs === undefined ? "" : `, ${slowestMs.toFixed(0)} ms`}`;
    }),
    ((rss[name as keyof typeof rss]?.max ?? 0) / 1_000_000).toFixed(0),
  ]);
  return renderMarkdownTable(["", ...holdKinds, "RSS MB"], rows);
}

function renderGoals({ goals }: Report): string {
  const rows = goals.map(({ goal, measured, limit, is, met }) => [
    goal,
    Number.isNaN(measured) ? "not measured" : round(measured),
    `${is} ${limit}`,
    met ? "yes" : "no",
  ]);
  return renderMarkdownTable(["goal", "measured", "wanted", "met"], rows);
}

function round(value: number): string {
  return Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(0);
}
