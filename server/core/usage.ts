// What is counted of the traffic of each app: one list of numbers that gateways raise, the store adds up and pages read.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Counts are kept twice: by the minute for two days, by the hour for as long as usage is kept. */
export const SPANS = { minute: MINUTE_MS, hour: HOUR_MS } as const;
export type Span = keyof typeof SPANS;
/** People are kept by the hour for two days, with the apps that they used; by the day (UTC) only that they used any. */
export const PEOPLE_SPANS = { hour: HOUR_MS, day: 24 * HOUR_MS } as const;
export type PeopleSpan = keyof typeof PEOPLE_SPANS;

/** Upper bounds of the time from a request that was sent to an app until its answer began. What took longer comes last. */
export const LATENCY_BOUNDS_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000] as const;

/** `answers_…`: by the app itself. `faults`: no usable answer came from it. `refusals`: Foyer did not serve, whatever the reason. */
const NUMBERS = [
  ...['requests', 'answers_1xx', 'answers_2xx', 'answers_3xx', 'answers_4xx', 'answers_5xx'],
  ...['faults', 'refusals', 'aborted', 'sent', 'received'],
] as const;
export type UsageNumber =
  | 'requests'
  | `answers_${1 | 2 | 3 | 4 | 5}xx`
  | 'faults'
  | 'refusals'
  | 'aborted'
  | 'sent'
  | 'received';

export const FIRST_LATENCY = NUMBERS.length;
/** The places in `AppUsage.numbers`; the last ones are the latencies, one for each bound and one for what lies above. */
export const USAGE_COLUMNS: readonly string[] = [
  ...NUMBERS,
  ...Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, (_, at) => `latency_${at}`),
];

export function placeOfNumber(name: UsageNumber): number {
  return USAGE_COLUMNS.indexOf(name);
}

/** Reports whether a reason says that an app gave no usable answer; every other reason is Foyer’s own. */
export function isAppFault(reason: string): boolean {
  return /^(upstream-.+|site-missing|upgrade-failed|loop-detected)$/.test(reason);
}

/** What was counted of one app in a while. `appId` null: what was refused and belongs to no app. */
export type AppUsage = {
  appId: string | null;
  /** By the places in USAGE_COLUMNS. */
  numbers: Float64Array;
  /** How often each fault and refusal came. */
  reasons: ReadonlyMap<string, number>;
  /** People who were seen for the first time in this hour, or failed for the first time in this minute. */
  people: ReadonlyMap<string, { failed: boolean }>;
  /** The app gave an answer of its own that was no error. */
  succeeded: boolean;
  /** The app gave an error, or no answer at all. */
  failed: boolean;
};

/**
 * The time under which a share of the answers began, in milliseconds, read off a straight line within its bucket; null where
 * nothing was measured. What lies above the last bound is said to be that bound.
 */
export function latencyQuantile(buckets: readonly number[], share: number): number | null {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let wanted = share * total;
  for (const [at, count] of buckets.entries()) {
    const upper = LATENCY_BOUNDS_MS[at] ?? LATENCY_BOUNDS_MS[LATENCY_BOUNDS_MS.length - 1] ?? 0;
    const lower = at === 0 ? 0 : (LATENCY_BOUNDS_MS[at - 1] ?? upper);
    if (count > 0 && wanted <= count) return lower + (upper - lower) * (wanted / count);
    wanted -= count;
  }
  return LATENCY_BOUNDS_MS[LATENCY_BOUNDS_MS.length - 1] ?? null;
}
