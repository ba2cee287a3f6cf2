// Asks the servers of private zones and the upstreams for what clients want to know: from memory where it can be, once where many ask at once.
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { DnsServerAddress } from '#server/core/app.ts';
import { dnsServerText } from '#server/core/dns-server.ts';
import { createAllowance } from './allowance.ts';
import type { LookupFailure } from './answer.ts';
import { createCache, type Stale } from './cache.ts';
import type { Exchange } from './exchange.ts';
import { CLASS, type Message, type Question, type ResourceRecord, TYPE } from './message.ts';
import { isAtOrUnder, type Name, nameKey, nameText, ROOT } from './name.ts';
import type { Names, Upstreams } from './names.ts';
import { onceAMinute } from './once-a-minute.ts';
import type { Plan } from './plan.ts';
import { NO_EXTRA, type QueryExtra } from './query.ts';
import { type Forwarded, readForwarded } from './read-forwarded.ts';
import { createServerList, type ServerList, type ServerReply, type ServerView, type Verdict } from './server-list.ts';
import { type StaleWatch, watchStale } from './stale-watch.ts';

export type ForwardPlan = Extract<Plan, { kind: 'private-zone' | 'upstream' }>;

/** `staleSince` is when its time ended, where no server could be asked since. */
export type ForwardAnswer =
  | { kind: 'reply'; forwarded: Forwarded; ageSeconds: number; staleSince: number | null }
  | ({ kind: 'failed' } & Failure);

/** `ede` is what the last server said of it, if it did (RFC 8914). */
type Failure = { reason: LookupFailure; ede?: number };

/** `client` is whoever the answer is for, as text. `extra` is what the client said; what signatures are worth, proven servers are asked for all. */
export type Inquiry = { question: Question; plan: ForwardPlan; names: Names; extra: ClientExtra; client: string };
type ClientExtra = Omit<QueryExtra, 'authenticData'>;

export type ForwarderOptions = {
  exchange: Exchange;
  now: () => number;
  log: Logger;
  /** What answers may take in memory, about. */
  maxOctets?: number;
  /** How many questions may be under way, to upstreams and to private zones each, half of them one client's; one more is a failure at once. */
  maxFlights?: number;
};

export type Forwarder = {
  /** At once from memory, so that nobody waits. Never rejects. */
  answer(inquiry: Inquiry): ForwardAnswer | Promise<ForwardAnswer>;
  view(): ForwarderView;
  close(): void;
};

export type ForwarderView = {
  entries: number;
  octets: number;
  flights: number;
  counts: Readonly<Record<'hits' | 'misses' | 'stale' | 'failures', number>>;
  servers: readonly ServerView[];
};

type Kept = { forwarded: Forwarded; at: number };

const CACHE_OCTETS = 32 * 1024 * 1024;
const MAX_FLIGHTS = 1_000;
const WHOLE_MS = 5_000;
const PRIVATE_SERVER_TIMEOUT_MS = 2_000;
const MAX_FAILED_TRIES = 3;
/** RFC 8767 §5: a client is given the old answer before it loses patience. */
const STALE_ANSWER_AFTER_MS = 1_800;
/** RFC 9520 §3.2. That a server is dead is the circuit's to know. */
const LAST_RETRY_MS = 1_000;
/** Somebody at a keyboard is waiting for a network to come back. */
const LAST_PROBE_MS = 1_000;
/** Long for any server that is well, and short enough that with all of them dead a question is over before a client's usual 5 s. */
const HEDGE_MS = 1_000;
/** So many sets of servers keep what is known of their health; the others were in configurations that are gone. */
const MAX_GROUPS = 256;

export function createForwarder(options: ForwarderOptions): Forwarder {
  const { exchange, now, log, maxOctets = CACHE_OCTETS, maxFlights = MAX_FLIGHTS } = options;
  const cache = createCache<Kept, Failure>({ capacity: 200_000, maxOctets, sizeOf, lastRetryMs: LAST_RETRY_MS });
  const flights = new Map<string, Promise<ForwardAnswer>>();
  const groups = new Map<string, ServerList>();
  /** By `whoseOf`: of each, one line when old answers begin to be used. */
  const watches = new Map<string, StaleWatch>();
  /** Apart, so that private zones are asked while the Internet is away, and the other way round. */
  const allowances = { upstream: createAllowance(maxFlights), 'private-zone': createAllowance(maxFlights) };
  const maySayFallback = onceAMinute();
  const maySayPlaintext = onceAMinute();
  let isPlaintextSaid = false;
  const ended = new AbortController();
  const counts = { hits: 0, misses: 0, stale: 0, failures: 0 };

  function answer(inquiry: Inquiry): ForwardAnswer | Promise<ForwardAnswer> {
    const key = keyOf(inquiry);
    const cached = cache.read(key, now());
    if (cached.kind === 'fresh') {
      counts.hits++;
      return replyOf(cached.value, null, now());
    }
    counts.misses++;
    if (cached.kind === 'failed') return staleOr(cached.stale, cached.failure, key, inquiry);
    const flight = flights.get(key) ?? takeOff(key, inquiry);
    if (flight === null) return staleOr(cached.stale, { reason: 'overloaded' }, key, inquiry);
    return cached.stale === null ? flight : impatient(flight, cached.stale, key, inquiry);
  }

  function takeOff(key: string, inquiry: Inquiry): Promise<ForwardAnswer> | null {
    const { client, plan } = inquiry;
    const allowance = allowances[plan.kind];
    if (!allowance.take(client)) return null;
    const flight = ask(key, inquiry).finally(() => {
      flights.delete(key);
      allowance.giveBack(client);
    });
    flights.set(key, flight);
    return flight;
  }

  async function ask(key: string, inquiry: Inquiry): Promise<ForwardAnswer> {
    const reply = await askServers(inquiry);
    if (reply.kind === 'refused') {
      const failure = { reason: reply.reason, ede: reply.ede };
      if (failure.reason !== 'aborted') cache.fail(key, failure, now());
      const cached = cache.read(key, now());
      return staleOr(cached.kind === 'fresh' ? null : cached.stale, failure, key, inquiry);
    }
    const kept = { forwarded: reply.value, at: now() };
    cache.store(key, kept, kept.forwarded.ttlSeconds, inquiry.plan.to.staleMs, kept.at);
    watches.get(whoseOf(inquiry.plan))?.answered(key, kept.at);
    return replyOf(kept, null, kept.at);
  }

  async function askServers({ question, plan, names, extra }: Inquiry): Promise<ServerReply<Forwarded>> {
    const isPrivateAllowed = mayBePrivate(question, plan, names);
    const judgeBy =
      (isProven: boolean) =>
      (message: Message): Verdict<Forwarded> => {
        // An upstream goes on to the end itself; were it to stop at a name of ours, a name of anybody's would lead inside (F6).
        const mayLeadOn = plan.kind === 'private-zone';
        const rules = { mayBePrivate: isPrivateAllowed, dnssecOk: extra.dnssecOk, isProven, mayLeadOn };
        const read = readForwarded(message, question, rules);
        return read.kind === 'reply' ? { kind: 'accepted', value: read } : { ...read, kind: 'refused' };
      };
    if (plan.kind === 'private-zone') {
      const servers = groupOf(plan.to.servers, PRIVATE_SERVER_TIMEOUT_MS, soaOf(plan.to.zone));
      const authenticData = areProven(plan.to.servers);
      return servers.ask(question, budget(WHOLE_MS), judgeBy(authenticData), { ...extra, authenticData });
    }
    // A mark that only our own network may read stays in it.
    return askUpstreams(question, plan.to, judgeBy, { ...extra, options: NO_EXTRA.options });
  }

  async function askUpstreams(
    question: Question,
    { plaintextFallback, servers, timeoutMs }: Upstreams,
    judgeBy: (isProven: boolean) => (message: Message) => Verdict<Forwarded>,
    extra: ClientExtra,
  ): Promise<ServerReply<Forwarded>> {
    const isEncrypted = servers.some(({ tlsName }) => tlsName !== undefined);
    const upstreams = groupOf(servers, timeoutMs, ROOT_SERVERS, HEDGE_MS);
    const askThem = async () => {
      const authenticData = areProven(servers);
      const extraOfAll = { ...extra, authenticData };
      const reply = await upstreams.ask(question, budget(2 * timeoutMs), judgeBy(authenticData), extraOfAll);
      if (reply.kind === 'accepted' && reply.server.tlsName !== undefined) sayPlaintextEnded();
      return reply;
    };
    const askPlainly = (to: readonly DnsServerAddress[]) => {
      sayPlaintext();
      return groupOf(to, PRIVATE_SERVER_TIMEOUT_MS, ROOT_SERVERS).ask(question, budget(WHOLE_MS), judgeBy(false), {
        ...extra,
        authenticData: false,
      });
    };
    if (isEncrypted && plaintextFallback !== null && upstreams.isSilent()) {
      // Nobody waits for the probe: there is somebody else to ask.
      void askThem();
      return askPlainly(plaintextFallback);
    }
    const reply = await askThem();
    if (reply.kind === 'accepted' || !isEncrypted || !UNREACHED.has(reply.reason)) return reply;
    if (plaintextFallback !== null) return askPlainly(plaintextFallback);
    if (maySayFallback(now())) log.warn('DNS-over-TLS failed, plaintext fallback disabled -- returning SERVFAIL');
    return reply;
  }

  /** Anybody's names may end in silence, so this too fills no log. */
  function sayPlaintext(): void {
    if (isPlaintextSaid || !maySayPlaintext(now())) return;
    isPlaintextSaid = true;
    log.warn('DNS-over-TLS failed, and questions go out in plain text');
  }

  function sayPlaintextEnded(): void {
    if (!isPlaintextSaid) return;
    isPlaintextSaid = false;
    log.info('DNS-over-TLS answers again, and no more questions go out in plain text');
  }

  function budget(wholeMs: number) {
    return { triesLeft: MAX_FAILED_TRIES, endsAt: now() + wholeMs };
  }

  /** What is known of a server's health outlives a change of everything else. */
  function groupOf(
    servers: readonly DnsServerAddress[],
    timeoutMs: number,
    checkWith: Question,
    hedgeMs?: number,
  ): ServerList {
    const key = JSON.stringify([servers, timeoutMs, hedgeMs]);
    const known = groups.get(key);
    if (known !== undefined) return known;
    const group = createServerList({
      servers,
      exchange,
      now,
      timeoutMs,
      ...(hedgeMs === undefined ? {} : { hedgeMs }),
      lastProbeMs: LAST_PROBE_MS,
      checkWith,
      signal: ended.signal,
      onSilent: (server, reason) => {
        log.warn({ server: dnsServerText(server), reason }, 'a DNS server does not answer');
      },
      onRevival: (server) => {
        cache.forgiveFailures();
        log.info({ server: dnsServerText(server) }, 'a DNS server answers again');
      },
    });
    groups.set(key, group);
    for (const oldest of groups.keys()) {
      if (groups.size <= MAX_GROUPS) break;
      groups.delete(oldest);
    }
    return group;
  }

  /** That old answers are used because nobody can be asked is said once; each is counted. */
  function staleOr(stale: Stale<Kept> | null, failure: Failure, key: string, { plan }: Inquiry): ForwardAnswer {
    if (stale === null) {
      counts.failures++;
      return { kind: 'failed', ...failure };
    }
    counts.stale++;
    if (UNREACHED.has(failure.reason)) watchOf(plan).used(key, stale.value.at, now());
    return replyOf(stale.value, stale.since, now());
  }

  function watchOf(plan: ForwardPlan): StaleWatch {
    const whose = whoseOf(plan);
    const known = watches.get(whose);
    if (known !== undefined) return known;
    const about = whose === '' ? {} : { zone: whose };
    const who = whose === '' ? 'the upstreams' : 'a private zone’s servers';
    const watch = watchStale({
      onBegin: (answeredAt) =>
        log.warn(
          { ...about, answeredAt: new Date(answeredAt) },
          `${who} cannot be asked, and their last answers are used`,
        ),
      onEnd: () => log.info(about, `${who} can be asked again, and their last answers are no longer used`),
    });
    watches.set(whose, watch);
    return watch;
  }

  /** One client's wait: for the flight, or until an old answer is better than waiting on. */
  function impatient(
    flight: Promise<ForwardAnswer>,
    stale: Stale<Kept>,
    key: string,
    inquiry: Inquiry,
  ): Promise<ForwardAnswer> {
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => resolve(staleOr(stale, { reason: 'timeout' }, key, inquiry)),
        STALE_ANSWER_AFTER_MS,
      );
      void flight.then(resolve).finally(() => clearTimeout(timer));
    });
  }

  return {
    answer,
    view: () => ({
      entries: cache.size,
      octets: cache.octets,
      flights: flights.size,
      counts: { ...counts },
      servers: [...groups.values()].flatMap((group) => group.view()),
    }),
    close: () => ended.abort(),
  };
}

/** What every resolver answers, and what every server of a zone does. */
const ROOT_SERVERS: Question = { name: ROOT, type: TYPE.NS, class: CLASS.IN };
const soaOf = (zone: Name): Question => ({ name: zone, type: TYPE.SOA, class: CLASS.IN });

/** The private zone that is asked, or '' for the upstreams. */
function whoseOf({ to }: ForwardPlan): string {
  return 'zone' in to ? nameText(to.zone) : '';
}

/** Nothing came back from anybody who proved to be asked: another way of asking may help. An error code is an answer. */
const UNREACHED: ReadonlySet<LookupFailure> = new Set([
  ...(['timeout', 'unreachable', 'closed', 'malformed', 'tls-failed'] as const),
  ...(['certificate-name', 'certificate-expired', 'certificate-untrusted'] as const),
]);

/** Everything that an answer depends on; other servers may say something else, or be asked less safely. */
function keyOf({ question, plan, names, extra }: Inquiry): string {
  const { to } = plan;
  const way = 'zone' in to ? nameKey(to.zone) : to.plaintextFallback === null ? '' : keyOfServers(to.plaintextFallback);
  const bits =
    (extra.dnssecOk ? 1 : 0) + (extra.checkingDisabled ? 2 : 0) + (mayBePrivate(question, plan, names) ? 4 : 0);
  return `${nameKey(question.name)} ${question.type} ${bits} ${plan.kind} ${way} ${keyOfServers(to.servers)}`;
}

const serverKeys = new WeakMap<readonly DnsServerAddress[], string>();

/** Short, since every key of the cache has it. */
function keyOfServers(servers: readonly DnsServerAddress[]): string {
  const known = serverKeys.get(servers);
  if (known !== undefined) return known;
  const key = createHash('sha256').update(JSON.stringify(servers)).digest('base64url').slice(0, 16);
  serverKeys.set(servers, key);
  return key;
}

function areProven(servers: readonly DnsServerAddress[]): boolean {
  return servers.every(({ tlsName }) => tlsName !== undefined);
}

/** F6: whether addresses of private networks are left in the answer. */
function mayBePrivate({ name }: Question, { kind }: ForwardPlan, { rebindingAllowed }: Names): boolean {
  return kind === 'private-zone' || rebindingAllowed.some((zone) => isAtOrUnder(name, zone));
}

function replyOf({ at, forwarded }: Kept, staleSince: number | null, now: number): ForwardAnswer {
  return { kind: 'reply', forwarded, ageSeconds: Math.max(0, Math.floor((now - at) / 1000)), staleSince };
}

/** About what an answer takes: objects of a record cost more than their data. */
function sizeOf({ forwarded }: Kept): number {
  const records = [...forwarded.answers, ...forwarded.authorities];
  return records.reduce((sum, record) => sum + octetsOf(record), 400);
}

function octetsOf({ data, name }: ResourceRecord): number {
  const labels = name.length * 40;
  switch (data.kind) {
    case 'a':
    case 'aaaa':
      return 250 + labels;
    case 'txt':
      return data.strings.reduce((sum, string) => sum + string.length + 120, 250 + labels);
    case 'svcb':
    case 'https':
      return data.params.reduce((sum, { value }) => sum + value.length + 160, 400 + labels);
    case 'unknown':
      return 370 + labels + data.bytes.length;
    default:
      return 600 + labels;
  }
}
