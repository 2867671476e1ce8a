import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { HxpError } from "@hxp/errors";
import { boundSeries } from "./bound-series.ts";
import { defineMetrics, type Metric, type MetricCatalogue } from "./define-metrics.ts";

type LabelsOf<M extends Metric> = M extends { labels: infer Labels extends object }
  ? { readonly [Name in keyof Labels & string]: string }
  : Readonly<Record<string, never>>;

/** Counts up. */
export interface CounterOf<Labels> {
  /** Default 1. */
  add(labels: Labels, count?: number): void;
}

/** Goes up and down. */
export interface GaugeOf<Labels> {
  set(labels: Labels, value: number): void;
  add(labels: Labels, difference: number): void;
  /** Asks for the value whenever the metrics are read. */
  read(labels: Labels, value: () => number): void;
}

/** Counts values by size. */
export interface HistogramOf<Labels> {
  observe(labels: Labels, value: number): void;
}

type Instrument<M extends Metric> = M extends { type: "counter" }
  ? CounterOf<LabelsOf<M>>
  : M extends { type: "gauge" }
    ? GaugeOf<LabelsOf<M>>
    : HistogramOf<LabelsOf<M>>;

/** An instrument for each metric of a catalogue. */
export type Instruments<Catalogue extends MetricCatalogue> = {
  readonly [Name in keyof Catalogue]: Instrument<Catalogue[Name]>;
};

/** The metrics of one service, apart from those of any other in the process. */
export interface Metrics {
  /** Makes the instruments of a catalogue. Throws USAGE_INVALID when a name is registered already. */
  register<const Catalogue extends MetricCatalogue>(catalogue: Catalogue): Instruments<Catalogue>;
  /** All metrics as Prometheus reads them. */
  render(): Promise<string>;
  readonly contentType: string;
}

/** What {@link createMetrics} takes. */
export interface MetricsOptions {
  /** Labels of every metric, such as the service's name. Default none. */
  labels?: Readonly<Record<string, string>>;
  /** Whether memory, processor and event loop of the process are measured, too. One service a process should. Default false. */
  process?: boolean;
}

/** What the package itself measures. */
export const metricMetrics = defineMetrics({
  folded: {
    type: "counter",
    name: "hxp_metrics_folded_total",
    help: "Values counted under `other` because a label or metric has all the values that it may have.",
    labels: { metric: { description: "Name of the metric.", limit: 1000 } },
  },
});

/** Makes an empty set of metrics with a registry of its own. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ ...options.labels });
  if (options.process === true) collectDefaultMetrics({ register: registry });
  const register = <const Catalogue extends MetricCatalogue>(
    catalogue: Catalogue,
    onFold: (metric: string) => void,
  ): Instruments<Catalogue> => {
    const entries = Object.entries(catalogue).map(([name, metric]) => [name, makeInstrument(registry, metric, onFold)]);
    return Object.fromEntries(entries) as Instruments<Catalogue>;
  };
  const own = register(metricMetrics, () => {});
  return {
    register: (catalogue) => register(catalogue, (metric) => own.folded.add({ metric })),
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

type AnyLabels = Readonly<Record<string, string>>;
type Fold = (metric: string) => void;

function makeInstrument(
  registry: Registry,
  metric: Metric,
  onFold: Fold,
): CounterOf<AnyLabels> | GaugeOf<AnyLabels> | HistogramOf<AnyLabels> {
  if (registry.getSingleMetric(metric.name) !== undefined) {
    throw new HxpError("USAGE_INVALID", `The metric ${metric.name} is registered already.`);
  }
  const fold = (): void => onFold(metric.name);
  if (metric.type === "counter") return makeCounter(registry, metric, fold);
  if (metric.type === "gauge") return makeGauge(registry, metric, fold);
  return makeHistogram(registry, metric, fold);
}

const configure = (registry: Registry, { name, help, labels = {} }: Metric) => ({
  name,
  help,
  labelNames: Object.keys(labels),
  registers: [registry],
});

function makeCounter(registry: Registry, metric: Metric, onFold: () => void): CounterOf<AnyLabels> {
  const counter = new Counter(configure(registry, metric));
  const series = boundSeries(metric, { make: (labels) => counter.labels(labels), onFold });
  return { add: (labels, count = 1) => series(labels).inc(count) };
}

function makeGauge(registry: Registry, metric: Metric, onFold: () => void): GaugeOf<AnyLabels> {
  const readers = new Map<{ set(value: number): void }, () => number>();
  const collect = (): void => readers.forEach((value, child) => child.set(value()));
  const gauge = new Gauge({ ...configure(registry, metric), collect });
  const series = boundSeries(metric, { make: (labels) => gauge.labels(labels), onFold });
  return {
    set: (labels, value) => series(labels).set(value),
    add: (labels, difference) => series(labels).inc(difference),
    read: (labels, value) => void readers.set(series(labels), value),
  };
}

function makeHistogram(registry: Registry, metric: Metric, onFold: () => void): HistogramOf<AnyLabels> {
  const histogram = new Histogram({ ...configure(registry, metric), buckets: [...(metric.buckets ?? [])] });
  const series = boundSeries(metric, { make: (labels) => histogram.labels(labels), onFold });
  return { observe: (labels, value) => series(labels).observe(value) };
}
