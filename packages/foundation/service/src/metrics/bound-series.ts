import type { Metric } from "./define-metrics.ts";

const defaultLimit = 100;
const defaultMaxSeries = 1_000;
const maxValueLength = 128;

/** Stands for all values beyond a bound. */
const otherValue = "other";

type Labels = Readonly<Record<string, string>>;

/** What {@link boundSeries} takes. */
export interface SeriesOptions<Series> {
  make: (labels: Labels) => Series;
  /** Called whenever a value was counted under `other`. */
  onFold: () => void;
}

/**
 * Finds the series of a combination of label values, and keeps their number bounded: users choose some of the values, and
 * each series stays in memory, here and in Prometheus.
 */
export function boundSeries<Series>(metric: Metric, options: SeriesOptions<Series>): (labels: Labels) => Series {
  const names = Object.keys(metric.labels ?? {});
  const foldLabel = new Map(Object.entries(metric.labels ?? {}).map(([name, label]) => [name, boundValues(label)]));
  const known = new Map<string, Series>();
  const maxSeries = metric.maxSeries ?? defaultMaxSeries;
  const toKey = (labels: Labels): string => names.map((name) => labels[name]).join("\0");

  const find = (labels: Labels): Series => {
    const key = toKey(labels);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = options.make(labels);
    known.set(key, made);
    return made;
  };

  return (labels) => {
    const found = known.get(toKey(labels));
    if (found !== undefined) return found;
    const entries = names.map((name) => [name, foldLabel.get(name)?.(labels[name] ?? "") ?? ""]);
    let folded: Labels = Object.fromEntries(entries);
    if (known.size >= maxSeries && !known.has(toKey(folded))) {
      folded = Object.fromEntries(names.map((name) => [name, otherValue]));
    }
    if (names.some((name) => folded[name] !== labels[name])) options.onFold();
    return find(folded);
  };
}

function boundValues({ values, limit = defaultLimit }: { values?: readonly string[]; limit?: number }) {
  const known = new Set(values);
  const room = values === undefined ? limit : 0;
  return (value: string): string => {
    if (known.has(value)) return value;
    if (known.size >= room || value.length > maxValueLength) return otherValue;
    known.add(value);
    return value;
  };
}
