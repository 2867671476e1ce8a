import { describe, expect, test } from "vitest";
import { createMetrics } from "./create-metrics.ts";
import { defineMetrics, type Metric } from "./define-metrics.ts";
import { renderMetrics } from "./render-metrics.ts";

const catalogue = defineMetrics({
  requests: {
    type: "counter",
    name: "test_requests_total",
    help: "Requests.",
    labels: {
      model: { description: "Name of the model.", limit: 2 },
      outcome: { description: "How it ended.", values: ["ok", "failed"] },
    },
  },
  running: { type: "gauge", name: "test_running", help: "Running requests." },
  seconds: { type: "histogram", name: "test_seconds", help: "Duration.", buckets: [0.1, 1] },
});

async function lines(metrics: { render(): Promise<string> }, name: string): Promise<string[]> {
  return (await metrics.render()).split("\n").filter((line) => line.startsWith(name));
}

describe("metrics", () => {
  test("are counted, set and observed, with the labels of every metric", async () => {
    const metrics = createMetrics({ labels: { host: "a" } });
    const { requests, running, seconds } = metrics.register(catalogue);
    requests.add({ model: "guide", outcome: "ok" });
    requests.add({ model: "guide", outcome: "ok" }, 2);
    running.set({}, 5);
    running.add({}, -2);
    seconds.observe({}, 0.5);
    expect(await lines(metrics, "test_")).toEqual([
      'test_requests_total{model="guide",outcome="ok",host="a"} 3',
      'test_running{host="a"} 3',
      'test_seconds_bucket{le="0.1",host="a"} 0',
      'test_seconds_bucket{le="1",host="a"} 1',
      'test_seconds_bucket{le="+Inf",host="a"} 1',
      'test_seconds_sum{host="a"} 0.5',
      'test_seconds_count{host="a"} 1',
    ]);
    expect(metrics.contentType).toContain("text/plain");
  });

  test("of a gauge can be read when somebody asks", async () => {
    const metrics = createMetrics();
    let value = 1;
    metrics.register(catalogue).running.read({}, () => value);
    expect(await lines(metrics, "test_running")).toEqual(["test_running 1"]);
    value = 2;
    expect(await lines(metrics, "test_running")).toEqual(["test_running 2"]);
  });

  test("of two services in a process are apart", async () => {
    const [one, two] = [createMetrics(), createMetrics()];
    one.register(catalogue).running.set({}, 1);
    two.register(catalogue).running.set({}, 2);
    expect(await lines(one, "test_running")).toEqual(["test_running 1"]);
    expect(() => one.register(catalogue)).toThrow(expect.objectContaining({ code: "USAGE_INVALID" }));
  });

  test("of the process are measured where that is asked for", async () => {
    expect(await lines(createMetrics(), "process_")).toEqual([]);
    expect(await lines(createMetrics({ process: true }), "process_cpu_seconds_total")).toHaveLength(1);
  });
});

describe("labels whose values users choose", () => {
  test("keep the values that they have room for; later ones, and those that are not listed, become other", async () => {
    const metrics = createMetrics();
    const { requests } = metrics.register(catalogue);
    for (const model of ["a", "b", "c", "d", "a"]) requests.add({ model, outcome: "ok" });
    requests.add({ model: "a", outcome: "strange" });
    expect(await lines(metrics, "test_requests")).toEqual([
      'test_requests_total{model="a",outcome="ok"} 2',
      'test_requests_total{model="b",outcome="ok"} 1',
      'test_requests_total{model="other",outcome="ok"} 2',
      'test_requests_total{model="a",outcome="other"} 1',
    ]);
    expect(await lines(metrics, "hxp_metrics_folded")).toEqual([
      'hxp_metrics_folded_total{metric="test_requests_total"} 3',
    ]);
  });

  test("keep no value that is too long", async () => {
    const metrics = createMetrics();
    metrics.register(catalogue).requests.add({ model: "x".repeat(129), outcome: "ok" });
    expect(await lines(metrics, "test_requests")).toEqual(['test_requests_total{model="other",outcome="ok"} 1']);
  });

  test("never make more series together than the metric may have", async () => {
    const wide = defineMetrics({
      hits: {
        type: "counter",
        name: "wide_total",
        help: "x",
        maxSeries: 10,
        labels: { a: { description: "x" }, b: { description: "x" } },
      },
    });
    const metrics = createMetrics();
    const { hits } = metrics.register(wide);
    for (let a = 0; a < 50; a += 1) for (let b = 0; b < 50; b += 1) hits.add({ a: `${a}`, b: `${b}` });
    const series = await lines(metrics, "wide_total");
    expect(series).toHaveLength(11);
    const counts = series.map((line) => Number(line.split(" ")[1]));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2_500);
    expect(series).toContain('wide_total{a="other",b="other"} 2490');
  });

  test("cannot forge a line", async () => {
    const metrics = createMetrics();
    metrics.register(catalogue).requests.add({ model: 'x"} 1\nforged 1\n', outcome: "ok" });
    expect(await lines(metrics, "forged")).toEqual([]);
    expect(await lines(metrics, "test_requests")).toHaveLength(1);
  });
});

describe("a catalogue of metrics", () => {
  const good: Metric = { type: "counter", name: "x_total", help: "x" };
  test.each([
    ["a name in capitals", { name: "X_total" }],
    ["a counter without _total", { name: "x" }],
    ["a gauge with _total", { type: "gauge" }],
    ["a histogram without buckets", { type: "histogram", name: "x" }],
    ["a counter with buckets", { buckets: [1] }],
    ["a label that histograms need", { labels: { le: { description: "x" } } }],
  ] as [string, Partial<Metric>][])("has no %s", (_, change) => {
    expect(() => defineMetrics({ x: { ...good, ...change } })).toThrow(
      expect.objectContaining({ code: "USAGE_INVALID" }),
    );
    expect(() => defineMetrics({ x: good })).not.toThrow();
  });

  test("becomes a table", () => {
    expect(
      renderMetrics(catalogue)
        .split("\n")
        .map((line) => line.replaceAll(/ {2,}/g, " ")),
    ).toEqual([
      "| metric | type | meaning | labels |",
      expect.stringMatching(/^\| -+ \| -+ \| -+ \| -+ \|$/),
      "| `test_requests_total` | counter | Requests. | `model`: Name of the model.<br>`outcome`: How it ended. (`ok`, `failed`) |",
      "| `test_running` | gauge | Running requests. | |",
      "| `test_seconds` | histogram | Duration. | |",
    ]);
  });
});
