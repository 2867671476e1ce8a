import { expect, test } from "vitest";
import { metricMetrics, renderLogEvents, renderMetrics, serviceEvents, serviceMetrics } from "@hxp/service";
import { gatewayLogEvents } from "./log-events.ts";
import { gatewayMetrics } from "./metrics.ts";

test("docs/metrics.md says what the catalogues say", async () => {
  const page = [
    "# Metrics",
    "`GET /metrics` on a service's probe port gives them as Prometheus reads them. The number of label values is bounded: what is too many counts under `other`.",
    "## Gateway",
    renderMetrics(gatewayMetrics),
    "## Every service",
    renderMetrics({ ...serviceMetrics, ...metricMetrics }),
  ];
  await expect(`${page.join("\n\n")}\n`).toMatchFileSnapshot("../../../../../docs/metrics.md");
});

test("docs/log-events.md says what the catalogues say", async () => {
  const page = [
    "# Log events",
    "Services write one JSON object a line: `level`, `time`, `service`, `version`, `pid`, `host`, `event`, the event's fields, `message`. Secrets, and what people ask and models answer, are on no line.",
    "## Gateway",
    renderLogEvents(gatewayLogEvents),
    "## Every service",
    renderLogEvents(serviceEvents),
  ];
  await expect(`${page.join("\n\n")}\n`).toMatchFileSnapshot("../../../../../docs/log-events.md");
});

test("every metric has a name of the gateway's own, and a bounded number of label values", () => {
  for (const { name, labels = {} } of Object.values(gatewayMetrics) as { name: string; labels?: object }[]) {
    expect(name).toMatch(/^hxp_gateway_/);
    expect(Object.keys(labels)).not.toContain("key");
  }
});
