// Counts for pages: what each app did, who used it and what was refused, since somebody took the counts last.
import { REASONS } from '#server/core/authorize.ts';
import { FAULTS } from '#server/core/fault.ts';
import {
  type AppUsage,
  FIRST_LATENCY,
  isAppFault,
  LATENCY_BOUNDS_MS,
  placeOfNumber,
  SPANS,
  USAGE_COLUMNS,
} from '#server/core/usage.ts';
import { type AccessLine, REFUSED_UPGRADE } from './access-log.ts';

const [FORWARDED] = REASONS.allow;
const OTHER = 'other';
const REASON_WORDS = [...REASONS.signIn, ...REASONS.deny, ...REASONS.unavailable, ...Object.keys(FAULTS), OTHER];
const PLACES: ReadonlyMap<string, number> = new Map(REASON_WORDS.map((word, at) => [word, at]));
/** Whether a reason says that the app gave no usable answer. */
const IS_FAULT = REASON_WORDS.map(isAppFault);

const [REQUESTS, FAULTED, REFUSED, ABORTED, SENT, RECEIVED] = [
  placeOfNumber('requests'),
  placeOfNumber('faults'),
  placeOfNumber('refusals'),
  placeOfNumber('aborted'),
  placeOfNumber('sent'),
  placeOfNumber('received'),
];
const BEFORE_1XX = placeOfNumber('answers_1xx') - 1;

/** Past so many people, an app's further ones are not told apart: the set is bounded whatever comes. */
const MAX_PEOPLE = 50_000;

type Counting = {
  numbers: Float64Array;
  reasons: Float64Array | null;
  succeeded: boolean;
  failed: boolean;
  /** People of this hour, and those of this minute whom the app failed. */
  seen: Set<string>;
  failing: Set<string>;
  fresh: Map<string, { failed: boolean }>;
  /** Who was counted last: most often the next request is theirs too. */
  last: string | null;
};

/** Raising costs one map lookup, a few additions, and nothing that has to be collected. */
export class UsageCounter {
  readonly #apps = new Map<string | null, Counting>();
  #beganAt = 0;

  /** One request that is over. A WebSocket was counted when it was opened. */
  finished(line: AccessLine): void {
    const { reason, status, upstreamMs, user } = line;
    const place = reason === FORWARDED ? undefined : PLACES.get(reason);
    // The portal’s own pages are no traffic of apps.
    if (line.app === null && place === undefined) return;
    const counting = this.#of(line.app);
    const { numbers } = counting;
    add(numbers, SENT, line.bytes);
    add(numbers, RECEIVED, line.received);
    if (status === 101) return;
    add(numbers, REQUESTS, 1);
    if (status === 0) return add(numbers, ABORTED, 1);
    if (place !== undefined && IS_FAULT[place]) {
      add(numbers, FAULTED, 1);
      raise(counting, place);
      this.#failed(counting, user);
    } else if (isOfApp(line)) {
      this.#answered(counting, status, upstreamMs, user);
    } else if (place !== undefined) {
      add(numbers, REFUSED, 1);
      raise(counting, place);
    }
  }

  /** A WebSocket that is open now. */
  opened(app: string, user: string): void {
    const counting = this.#of(app);
    add(counting.numbers, REQUESTS, 1);
    this.#answered(counting, 101, null, user);
  }

  /** What was refused before there was anything to serve. */
  refused(reason: string): void {
    const counting = this.#of(null);
    add(counting.numbers, REQUESTS, 1);
    add(counting.numbers, REFUSED, 1);
    raise(counting, PLACES.get(reason) ?? PLACES.get(OTHER) ?? 0);
  }

  /** What was counted since the last time. */
  take(): AppUsage[] {
    const taken: AppUsage[] = [];
    for (const [appId, counting] of this.#apps) {
      const { failed, fresh, numbers, reasons, succeeded } = counting;
      if (numbers[REQUESTS] === 0 && numbers[SENT] === 0 && numbers[RECEIVED] === 0) continue;
      taken.push({ appId, numbers: numbers.slice(), reasons: named(reasons), people: fresh, succeeded, failed });
      numbers.fill(0);
      reasons?.fill(0);
      counting.succeeded = false;
      counting.failed = false;
      counting.fresh = new Map();
    }
    return taken;
  }

  /** Begins to count for another moment: people are new in every hour, and their failures in every minute. */
  begin(at: number): void {
    const isOtherHour = Math.floor(at / SPANS.hour) !== Math.floor(this.#beganAt / SPANS.hour);
    const isOtherMinute = Math.floor(at / SPANS.minute) !== Math.floor(this.#beganAt / SPANS.minute);
    this.#beganAt = at;
    if (isOtherHour) this.#apps.clear();
    else if (isOtherMinute) for (const { failing } of this.#apps.values()) failing.clear();
  }

  #of(app: string | null): Counting {
    return this.#apps.get(app) ?? this.#begun(app);
  }

  #begun(app: string | null): Counting {
    const begun: Counting = {
      numbers: new Float64Array(USAGE_COLUMNS.length),
      reasons: null,
      succeeded: false,
      failed: false,
      seen: new Set(),
      failing: new Set(),
      fresh: new Map(),
      last: null,
    };
    this.#apps.set(app, begun);
    return begun;
  }

  #answered(counting: Counting, status: number, upstreamMs: number | null, user: string | null): void {
    add(counting.numbers, BEFORE_1XX + ((status / 100) | 0), 1);
    if (upstreamMs !== null) addLatency(counting.numbers, upstreamMs);
    if (status >= 500) return this.#failed(counting, user);
    counting.succeeded = true;
    if (user === null || user === counting.last) return;
    counting.last = user;
    if (counting.seen.has(user) || counting.seen.size >= MAX_PEOPLE) return;
    counting.seen.add(user);
    counting.fresh.set(user, { failed: false });
  }

  #failed(counting: Counting, user: string | null): void {
    counting.failed = true;
    if (user === null || counting.failing.has(user) || counting.failing.size >= MAX_PEOPLE) return;
    counting.failing.add(user);
    counting.seen.add(user);
    counting.fresh.set(user, { failed: true });
  }
}

/** Reports whether the answer was the app's, also where its permission ended before it did. */
function isOfApp({ app, reason, upstreamMs }: AccessLine): boolean {
  return app !== null && (reason === FORWARDED || reason === REFUSED_UPGRADE || upstreamMs !== null);
}

function add(numbers: Float64Array, place: number, value: number): void {
  numbers[place] = (numbers[place] as number) + value;
}

function raise(counting: Counting, place: number): void {
  counting.reasons ??= new Float64Array(REASON_WORDS.length);
  add(counting.reasons, place, 1);
}

function addLatency(numbers: Float64Array, ms: number): void {
  let at = 0;
  while (at < LATENCY_BOUNDS_MS.length && ms > (LATENCY_BOUNDS_MS[at] as number)) at += 1;
  add(numbers, FIRST_LATENCY + at, 1);
}

function named(reasons: Float64Array | null): Map<string, number> {
  const found = new Map<string, number>();
  if (reasons === null) return found;
  for (const [at, count] of reasons.entries()) if (count > 0) found.set(REASON_WORDS[at] as string, count);
  return found;
}
