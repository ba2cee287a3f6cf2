// What a page of metrics has to keep to, for tests: Prometheus' text format, its naming, base units, and few labels.
import assert from 'node:assert/strict';

/** `name{label="value"}` → value. */
export type Samples = Record<string, number>;

/** Everything that a sample may be told apart by. None of them names a person, a path or a host. */
const LABELS = new Set(
  'app,certificate,code,decision,le,listener,node,outcome,process,program,protocol,quantile,reason,site,state,version,what'.split(
    ',',
  ),
);
const TYPES = ['counter', 'gauge', 'histogram'];
const SAMPLE = /^([a-z0-9_]+)(?:\{((?:[a-z]+="[^"\\\n]*",?)*)\})? (-?(?:[0-9.]+(?:e[+-]?[0-9]+)?|Infinity))$/;
const LABEL_VALUE = /^[A-Za-z0-9.+/_-]{1,64}$/;
/** Prometheus has seconds, bytes and ratios, and counts without a unit. */
const WRONG_UNIT = /_(ms|milliseconds|micros|microseconds|minutes|hours|days|kb|mb|kilobytes|megabytes|percent)(_|$)/;

/** Fails with a sentence for the first rule that is broken; gives the samples otherwise. */
export function conform(text: string): Samples {
  assert.ok(text.endsWith('\n'), 'the last line ends');
  const types = new Map<string, string>();
  const samples: Samples = {};
  let helped = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, comment, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (comment === 'HELP') helped = name;
    else if (comment === 'TYPE') {
      assert.equal(name, helped, `${name} has a HELP right before its TYPE`);
      assert.ok(!types.has(name), `${name} is there once`);
      checkName(name, rest);
      types.set(name, rest);
    } else checkSample(line, helped, types, samples);
  }
  for (const [name, type] of types) if (type === 'histogram') checkHistogram(name, samples);
  return samples;
}

function checkName(name: string, type: string): void {
  assert.ok(TYPES.includes(type), `${name} is of a type: ${type}`);
  assert.match(name, /^foyer_[a-z0-9_]+$/);
  assert.doesNotMatch(name, WRONG_UNIT, `${name} has a base unit`);
  assert.equal(name.endsWith('_total'), type === 'counter', `${name} ends with _total exactly when it is a counter`);
  assert.doesNotMatch(name, /_(count|sum|bucket)$/, `${name} leaves those names to histograms`);
  if (type === 'histogram' || /(delay|duration|age|time|expiry|cpu)(_|$)/.test(name))
    assert.match(name, /_(seconds|timestamp_seconds)(_total)?$/, `${name} names its unit`);
  if (/(memory|heap)(_|$)/.test(name)) assert.match(name, /_bytes$/, `${name} names its unit`);
}

function checkSample(line: string, family: string, types: ReadonlyMap<string, string>, samples: Samples): void {
  const match = SAMPLE.exec(line);
  assert.ok(match, `this is a sample: ${line}`);
  const [, name = '', labels = '', value] = match;
  const type = types.get(family);
  const own = type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => family + part) : [family];
  assert.ok(own.includes(name), `${name} belongs to ${family}`);
  for (const [, label = '', text = ''] of labels.matchAll(/([a-z]+)="([^"]*)"/g)) {
    assert.ok(LABELS.has(label), `${name} has the label ${label}`);
    assert.match(text, LABEL_VALUE, `${name} has a short word for ${label}`);
  }
  const key = line.slice(0, line.lastIndexOf(' '));
  assert.ok(!(key in samples), `${key} is there once`);
  samples[key] = Number(value);
  if (type !== 'gauge') assert.ok(Number(value) >= 0, `${key} is no negative count`);
}

/** Buckets rise, and the last one is the count. */
function checkHistogram(name: string, samples: Samples): void {
  const series = new Map<string, number[]>();
  for (const [key, value] of Object.entries(samples)) {
    if (!key.startsWith(`${name}_bucket{`)) continue;
    const labels = key.slice(name.length + '_bucket'.length).replace(/,?le="[^"]*"/, '');
    series.set(labels, [...(series.get(labels) ?? []), value]);
  }
  for (const [labels, values] of series) {
    assert.deepEqual(
      values,
      values.toSorted((a, b) => a - b),
      `${name}${labels} rises`,
    );
    const count = samples[`${name}_count${labels === '{}' ? '' : labels}`];
    assert.equal(values.at(-1), count, `${name}${labels} ends with its count`);
  }
}

/** The sum of a family's samples that have these labels. */
export function sumOf(samples: Samples, name: string, labels: Record<string, string> = {}): number {
  return Object.entries(samples)
    .filter(([key]) => key === name || key.startsWith(`${name}{`))
    .filter(([key]) => Object.entries(labels).every(([label, value]) => key.includes(`${label}="${value}"`)))
    .reduce((sum, [, value]) => sum + value, 0);
}
