// A site's stub resolver: host name in, addresses out, from the site's own DNS servers and nowhere else.
import type { Logger } from 'pino';
import type { Endpoint } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { AbsentAnswer, AddressAnswer, Answer, FailedAnswer } from './answer.ts';
import { createCache, type Stale } from './cache.ts';
import { type Exchange, exchange as exchangeOverNetwork } from './exchange.ts';
import { firstFamily, mergeFamilies } from './families.ts';
import { follow } from './follow.ts';
import { isAtOrUnder, type Name, nameFromHostname } from './name.ts';
import { createServerList, type ServerView } from './server-list.ts';

export type ResolverOptions = {
  servers: readonly Endpoint[];
  /** The only names that the servers are asked for; empty means every name. */
  zones?: readonly Hostname[];
  now: () => number;
  log: Logger;
  exchange?: Exchange;
  /** How many names are remembered. */
  capacity?: number;
  /** How long an answer may be used after its TTL while no server can be asked. */
  staleMs?: number;
};

export type Resolver = {
  /** The answer itself while it is fresh, the same object each time, so that nobody waits. Rejects only with the signal's reason. */
  lookup(name: Hostname, signal?: AbortSignal): Answer | Promise<Answer>;
  inspect(name: Hostname): ResolverView;
  /** Ends every query under way. */
  close(): void;
};

/** What a person wants to see about a name's way: how the servers are, what is remembered, and how old it is. */
export type ResolverView = { servers: readonly ServerView[]; answer: Answer | null; ageMs: number | null };

const LOOKUP_TIMEOUT_MS = 5_000;
const MAX_FAILED_TRIES = 3;
/** RFC 8767 §5: a client is given the old answer before it loses patience. */
const STALE_ANSWER_AFTER_MS = 1_800;

export function createResolver(options: ResolverOptions): Resolver {
  const { now, log, capacity = 10_000, staleMs = 300_000, exchange = exchangeOverNetwork } = options;
  const zones = (options.zones ?? []).map(nameFromHostname);
  const cache = createCache<AddressAnswer | AbsentAnswer, FailedAnswer>({ capacity, staleMs });
  const flights = new Map<Hostname, Promise<Answer>>();
  const ended = new AbortController();
  const servers = createServerList({
    servers: options.servers,
    exchange,
    now,
    signal: ended.signal,
    onSilent: (server) => {
      log.warn('a private DNS server does not answer');
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
    if (cached.kind === 'failed') return stale ?? cached.failure;
    const flight = flights.get(name) ?? takeOff(name);
    return signal === undefined && stale === null ? flight : impatient(flight, stale, signal);
  }

  function takeOff(name: Hostname): Promise<Answer> {
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
      const reuse = answer.kind === 'addresses' ? 'stale-too' : 'fresh-only';
      cache.store(name, answer, answer.ttlSeconds, reuse, answer.answeredAt);
      return answer;
    }
    // A resolver that was closed has learned nothing about the name.
    if (answer.reason === 'aborted') return answer;
    log.debug({ name, reason: answer.reason }, 'a private name could not be looked up');
    cache.fail(name, answer, now());
    const cached = cache.read(name, now());
    return (cached.kind === 'fresh' ? cached.value : staleAnswer(cached.stale)) ?? answer;
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
      const answer =
        cached.kind === 'fresh'
          ? cached.value
          : (staleAnswer(cached.stale) ?? (cached.kind === 'failed' ? cached.failure : null));
      const ageMs = answer === null || answer.kind === 'failure' ? null : now() - answer.answeredAt;
      return { servers: servers.view(), answer, ageMs };
    },
    close: () => ended.abort(),
  };
}

const staleAnswers = new WeakMap<Answer, Answer>();

/** The same object for the same answer, so that whoever compares sees no change. */
function staleAnswer(stale: Stale<AddressAnswer | AbsentAnswer> | null): Answer | null {
  if (stale === null || stale.value.kind !== 'addresses') return null;
  const marked = staleAnswers.get(stale.value) ?? { ...stale.value, staleSince: stale.since };
  staleAnswers.set(stale.value, marked);
  return marked;
}

/** One caller's wait: for the flight, for as long as its signal lets it, or until an old answer is better than waiting on. */
function impatient(flight: Promise<Answer>, stale: Answer | null, signal: AbortSignal | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    const timer = stale === null ? undefined : setTimeout(() => resolve(stale), STALE_ANSWER_AFTER_MS);
    void flight.then(resolve).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    });
  });
}
