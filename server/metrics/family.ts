// One metric with all of its samples, as plain data: it travels from a child to the supervisor, which adds up what each tells.
import type { Histogram } from '../http/histogram.ts';

/** What a child is asked for its metrics by, and tells its last ones under. */
export const METRICS = 'metrics';

/** Told by whoever has an alarm: the audit's by their reason, and lines of the log. */
export const ALARMS_HELP = 'What an administrator should look at.';

export type Labels = Readonly<Record<string, string>>;

/** `metricName` is there where a histogram's series have names of their own. */
export type Sample = { labels: Labels; value: number; metricName?: string };

/**
 * The form of prom-client's `getMetricsAsJSON`, which its AggregatorRegistry reads. `aggregator` says what samples with equal
 * labels from several processes become. Counters and histograms only ever rise.
 */
export type Family = {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  aggregator: 'sum' | 'min' | 'max';
  values: Sample[];
};

export function counter(name: string, help: string, values: Iterable<Sample>): Family {
  return { name, help, type: 'counter', aggregator: 'sum', values: [...values] };
}

export function gauge(
  name: string,
  help: string,
  values: Iterable<Sample>,
  aggregator: Family['aggregator'] = 'sum',
): Family {
  return { name, help, type: 'gauge', aggregator, values: [...values] };
}

export function one(value: number, labels: Labels = {}): Sample[] {
  return [{ labels, value }];
}

/** A sample for each entry, with its key as the label. */
export function byLabel(label: string, counts: Iterable<readonly [string, number]>): Sample[] {
  return Array.from(counts, ([key, value]) => ({ labels: { [label]: key }, value }));
}

/** Cumulative buckets, as Prometheus has them. */
export function histogram(name: string, help: string, parts: Iterable<{ labels: Labels; buckets: Histogram }>): Family {
  return {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    values: Array.from(parts, (part) => series(name, part)).flat(),
  };
}

function series(name: string, { labels, buckets }: { labels: Labels; buckets: Histogram }): Sample[] {
  const samples: Sample[] = [];
  let count = 0;
  for (const [at, more] of buckets.counts.entries()) {
    count += more;
    const bound = buckets.bounds[at];
    const le = bound === undefined ? '+Inf' : String(bound);
    samples.push({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: count });
  }
  samples.push({ metricName: `${name}_sum`, labels, value: buckets.sum });
  samples.push({ metricName: `${name}_count`, labels, value: count });
  return samples;
}

/** What a process that is gone leaves behind: what was counted stays counted, what was measured is no more. */
export function isCumulative({ type }: Family): boolean {
  return type !== 'gauge';
}

/** Reports whether a message from another process is a list of families, as far as adding up needs it. */
export function isFamilies(value: unknown): value is Family[] {
  return (
    Array.isArray(value) && value.every((family) => typeof family?.name === 'string' && Array.isArray(family.values))
  );
}
