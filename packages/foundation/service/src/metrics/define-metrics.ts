import { HxpError } from "@hxp/errors";

/** One label of a metric. */
export interface MetricLabel {
  description: string;
  /** All values that it can have; any other becomes `other`. */
  values?: readonly string[];
  /** How many distinct values are kept where `values` is not given; later ones become `other`. Default 100. */
  limit?: number;
}

/** One metric of a catalogue. */
export interface Metric {
  type: "counter" | "gauge" | "histogram";
  /** Its name in Prometheus, with its unit: counters end with `_total`. */
  name: string;
  help: string;
  labels?: Readonly<Record<string, MetricLabel>>;
  /** Upper bounds of a histogram, ascending. */
  buckets?: readonly number[];
  /** How many combinations of label values are kept; later ones count under `other`. Default 1000. */
  maxSeries?: number;
}

/** The metrics of a service, by the name that its code uses. */
export type MetricCatalogue = Readonly<Record<string, Metric>>;

/** Checks a catalogue of metrics and gives it back with its exact type. Throws USAGE_INVALID for a name that breaks the rules. */
export function defineMetrics<const Catalogue extends MetricCatalogue>(catalogue: Catalogue): Catalogue {
  for (const metric of Object.values(catalogue)) {
    const problem = findProblem(metric);
    if (problem !== undefined) throw new HxpError("USAGE_INVALID", `The metric ${metric.name} ${problem}.`);
  }
  return catalogue;
}

function findProblem({ type, name, labels = {}, buckets }: Metric): string | undefined {
  if (!/^[a-z][a-z0-9_:]*$/.test(name)) return "must be named in lower case letters, digits and _";
  if ((type === "counter") !== name.endsWith("_total")) return "must end with _total if, and only if, it is a counter";
  if ((type === "histogram") !== (buckets !== undefined)) return "must have buckets if, and only if, it is a histogram";
  if (Object.keys(labels).some((label) => !/^[a-z][a-z0-9_]*$/.test(label) || label === "le" || label === "quantile")) {
    return "has a label that Prometheus does not take";
  }
  return undefined;
}
