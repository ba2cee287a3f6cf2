// A site's stub resolver: host name in, addresses out, from the site's own DNS servers and nowhere else.
import type { Logger } from 'pino';
import type { DnsServerAddress } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { AbsentAnswer, AddressAnswer, Answer, FailedAnswer } from './answer.ts';
import { createCache, type Stale } from './cache.ts';
import type { Exchange } from './exchange.ts';
import { firstFamily, mergeFamilies } from './families.ts';
import { follow } from './follow.ts';
import { isAtOrUnder, type Name, nameFromHostname } from './name.ts';
import { createServerList, type ServerView } from './server-list.ts';
import { watchStale } from './stale-watch.ts';

export type ResolverOptions = {
  servers: readonly DnsServerAddress[];
  /** The only names that the servers are asked for; empty means every name. */
  zones?: readonly Hostname[];
  now: () => number;
  log: Logger;
  exchange: Exchange;
  /** How many names are remembered. */
  capacity?: number;
  /** How long an answer may be used after its TTL while no server can be asked. */
  staleMs?: number;
  counts?: LookupCounts;
};

/** For metrics: a lookup that the servers were asked for, one that ended without an answer, and an old answer that was given to somebody. */
export type LookupCounts = { asked(): void; failed(): void; stale(): void };

export type Resolver = {
  /** The answer itself while it is fresh, the same object each time, so that nobody waits. Rejects only with the signal's reason. */
  lookup(name: Hostname, signal?: AbortSignal): Answer | Promise<Answer>;
  /** What is held about a name; null where that is nothing. Asks nobody. */
  inspect(name: Hostname): Answer | null;
  servers(): readonly ServerView[];
  /** Ends every query under way. */
  close(): void;
};

const LOOKUP_TIMEOUT_MS = 5_000;
const MAX_FAILED_TRIES = 3;
/** RFC 8767 §5: a client is given the old answer before it loses patience. */
const STALE_ANSWER_AFTER_MS = 1_800;

export function createResolver(options: ResolverOptions): Resolver {
  const { now, log, capacity = 10_000, staleMs = 300_000, exchange, counts } = options;
  const zones = (options.zones ?? []).map(nameFromHostname);
  const cache = createCache<AddressAnswer | AbsentAnswer, FailedAnswer>({ capacity });
  const flights = new Map<Hostname, Promise<Answer>>();
  const ended = new AbortController();
  const watch = watchStale({
    onBegin: (answeredAt) =>
      log.warn({ answeredAt: new Date(answeredAt) }, 'the private DNS cannot be asked, and its last answers are used'),
    onEnd: () => log.info('the private DNS can be asked again, and its last answers are no longer used'),
  });
  const servers = createServerList({
    servers: options.servers,
    exchange,
    now,
    signal: ended.signal,
    onSilent: (server, reason) => {
      log.warn({ reason }, 'a private DNS server does not answer');
      log.debug({ server }, 'this private DNS server does not answer');
    },
    onRevival: () => {
      cache.forgiveFailures();
      log.info('a private DNS server answers again');
    },
  });

  function lookup(name: Hostname, signal?: AbortSignal): Answer | Promise<Answer> {
    const cached = cache.read(name, now());
    if (cached.kind === 'fresh') return cached.value;
    const stale = staleAnswer(cached.stale);
    if (cached.kind === 'failed') return stale === null ? cached.failure : use(name, stale);
    const flight = flights.get(name) ?? takeOff(name);
    if (signal === undefined && stale === null) return flight;
    return impatient(flight, stale === null ? null : () => use(name, stale), signal);
  }

  /** An old answer is never used without being said. */
  function use(name: Hostname, stale: AddressAnswer): Answer {
    counts?.stale();
    watch.used(name, stale.answeredAt, now());
    return stale;
  }

  function takeOff(name: Hostname): Promise<Answer> {
    counts?.asked();
    const flight = ask(name).finally(() => flights.delete(name));
    flights.set(name, flight);
    return flight;
  }

  async function ask(name: Hostname): Promise<Answer> {
    const asked = nameFromHostname(name);
    const endsAt = now() + LOOKUP_TIMEOUT_MS;
    const [ipv4, ipv6] = (['a', 'aaaa'] as const).map((family) =>
      follow(asked, family, { servers, budget: { triesLeft: MAX_FAILED_TRIES, endsAt }, mayAsk, now }),
    ) as [Promise<Answer>, Promise<Answer>];
    const early = await firstFamily(ipv4, ipv6);
    if (early === null) return keep(name, mergeFamilies(await ipv4, await ipv6));
    void Promise.all([ipv4, ipv6]).then((both) => addLate(name, early, mergeFamilies(...both)));
    return keep(name, early);
  }

  function mayAsk(name: Name): boolean {
    return zones.length === 0 || zones.some((zone) => isAtOrUnder(name, zone));
  }

  /** A failure is remembered too, and answered by what is still held from before. */
  function keep(name: Hostname, answer: Answer): Answer {
    if (answer.kind !== 'failure') {
      // A name that changed is one whose old answer should not be served.
      const mayServeMs = answer.kind === 'addresses' ? staleMs : 0;
      cache.store(name, answer, answer.ttlSeconds, mayServeMs, answer.answeredAt);
      watch.answered(name, now());
      return answer;
    }
    // A resolver that was closed has learned nothing about the name.
    if (answer.reason === 'aborted') return answer;
    counts?.failed();
    log.debug({ name, reason: answer.reason }, 'a private name could not be looked up');
    cache.fail(name, answer, now());
    const cached = cache.read(name, now());
    if (cached.kind === 'fresh') return cached.value;
    const stale = staleAnswer(cached.stale);
    return stale === null ? answer : use(name, stale);
  }

  /** The family that came late joins the answer that went ahead, unless a newer one has taken its place. */
  function addLate(name: Hostname, early: AddressAnswer, both: Answer): void {
    const cached = cache.read(name, now());
    if (both.kind === 'addresses' && both !== early && cached.kind === 'fresh' && cached.value === early)
      keep(name, both);
  }

  return {
    lookup,
    inspect(name) {
      const cached = cache.read(name, now());
      if (cached.kind === 'fresh') return cached.value;
      return staleAnswer(cached.stale) ?? (cached.kind === 'failed' ? cached.failure : null);
    },
    servers: servers.view,
    close: () => ended.abort(),
  };
}

const staleAnswers = new WeakMap<Answer, AddressAnswer>();

/** The same object for the same answer, so that whoever compares sees no change. */
function staleAnswer(stale: Stale<AddressAnswer | AbsentAnswer> | null): AddressAnswer | null {
  if (stale === null || stale.value.kind !== 'addresses') return null;
  const marked = staleAnswers.get(stale.value) ?? { ...stale.value, staleSince: stale.since };
  staleAnswers.set(stale.value, marked);
  return marked;
}

/** One caller's wait: for the flight, for as long as its signal lets it, or until an old answer is better than waiting on. */
function impatient(
  flight: Promise<Answer>,
  useStale: (() => Answer) | null,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    const timer = useStale === null ? undefined : setTimeout(() => resolve(useStale()), STALE_ANSWER_AFTER_MS);
    void flight.then(resolve).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    });
  });
}
