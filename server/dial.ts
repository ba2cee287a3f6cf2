// From an app's upstream to byte streams: its places by the site's private DNS, every address checked, the first that answers, TLS where it is wanted.
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type Address, parseAddress } from '#server/core/address.ts';
import type { App, Endpoint, Site, Upstream, UpstreamPlace } from '#server/core/app.ts';
import { checkAddress } from '#server/core/check-address.ts';
import { asFault, Fault } from '#server/core/fault.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { Answer } from '#server/dns/answer.ts';
import type { Exchange } from '#server/dns/exchange.ts';
import type { ResolverView } from '#server/dns/resolve.ts';
import type { Connected, UpstreamTarget } from '#server/http/upstream/upstream.ts';
import { connectFirst } from './connect-first.ts';
import { identityKey, interleave } from './dial-target.ts';
import { machineAddresses } from './machine-addresses.ts';
import { createSiteResolvers } from './site-resolvers.ts';
import { secure } from './upstream-tls.ts';

export type DialerOptions = {
  /** The app's site in the current snapshot; the same object while nothing about it changed makes this cheap. */
  site(app: App): Site | null;
  /** Where Foyer itself listens; an unspecified address means every own one. */
  own(): readonly Endpoint[];
  now(): number;
  log: Logger;
  /** For TCP and for TLS each, where the app says nothing else. */
  connectTimeoutMs?: number;
  exchange?: Exchange;
  /** For metrics: how long a connection took, and the fault of an endpoint that gave none. */
  counts?: { connected(ms: number): void; upstreamFailed(code: string): void };
};

export type Dialer = {
  /**
   * Where the app's own upstream, or one of its routes', is right now. A value while the answers are in memory and their
   * check is recent, else a promise. Throws or rejects with a Fault. What the target connects to was checked, and nothing else.
   */
  resolve(app: App, upstream: Upstream, signal?: AbortSignal): UpstreamTarget | Promise<UpstreamTarget>;
  /** What is known about the way to an app, for people; null when there is no name to look up. */
  inspect(app: App): ResolverView | null;
  /** Ends every lookup under way. */
  close(): void;
};

/** The machine's own addresses change without telling, so a check is repeated after this time even when the answer stays. */
const CHECK_AGAIN_MS = 10_000;
/** Asking the kernel for them costs as much as several requests, and every app is checked on its own. */
const ADDRESSES_AGAIN_MS = 1_000;

/** `literal`: the address that an admin entered, where there is nothing to ask. */
type Place = UpstreamPlace & { literal: Address | null };

/** One for each place, in their order; null for a literal one. */
type Answers = readonly (Answer | null)[];

type Checked = {
  app: App;
  site: Site;
  places: readonly Place[];
  answers: Answers;
  checkedAt: number;
  target: UpstreamTarget;
};

/** A place's endpoints, and the name that the far end has to prove. */
type Reached = { endpoint: Endpoint; servername: string };

export function createDialer(options: DialerOptions): Dialer {
  const { now, log, connectTimeoutMs = 5_000 } = options;
  const resolvers = createSiteResolvers(options);
  const latest = new WeakMap<Upstream, Checked>();
  const announced = new Map<string, string>();
  let machine = { addresses: machineAddresses(), readAt: now() };

  function resolve(app: App, upstream: Upstream, signal?: AbortSignal): UpstreamTarget | Promise<UpstreamTarget> {
    const site = options.site(app);
    if (site === null) throw new Fault('site-missing', { detail: `site ${app.siteId}` });
    const known = latest.get(upstream);
    const places = known?.places ?? placesOf(upstream);
    const answers = places.map(({ host, literal }) =>
      literal === null ? resolvers.for(site).lookup(host as Hostname, signal) : null,
    );
    const asked = { app, upstream, site, places };
    if (answers.every((answer) => !(answer instanceof Promise))) return check(asked, answers as Answers, known);
    const meanwhile = known?.site === site ? withLastKnown(answers, known.answers) : null;
    if (meanwhile !== null) return check(asked, meanwhile, known);
    return Promise.all(answers).then((late) => check(asked, late, known));
  }

  type Asked = { app: App; upstream: Upstream; site: Site; places: readonly Place[] };

  /** Turns answers into a target, unless these very answers were checked a moment ago. */
  function check(asked: Asked, answers: Answers, known: Checked | undefined): UpstreamTarget {
    const { app, upstream, site, places } = asked;
    const isChecked =
      known?.site === site &&
      known.app === app &&
      now() - known.checkedAt < CHECK_AGAIN_MS &&
      known.answers.every((answer, at) => answer === answers[at]);
    if (isChecked) return known.target;
    const { reached, problems } = sortOut(asked, answers);
    const target = targetOf(app, upstream, reached);
    announce(app, upstream, target, problems);
    latest.set(upstream, { app, site, places, answers, checkedAt: now(), target });
    return target;
  }

  /** Said once for each new target, not each time a short TTL ends. */
  function announce(
    app: App,
    upstream: Upstream,
    { key, endpoints }: UpstreamTarget,
    problems: readonly string[],
  ): void {
    const what = `${app.id} ${upstream.host} ${upstream.port}`;
    const said = `${key} ${endpoints.map(({ address, port }) => `${address} ${port}`).sort()} ${problems}`;
    if (announced.get(what) === said) return;
    announced.set(what, said);
    if (upstream.scheme === 'https' && upstream.tls.kind === 'unverified')
      log.warn({ app: app.id }, 'the certificate of this app is not verified');
    if (problems.length > 0)
      log.warn({ app: app.id, refused: problems.length }, 'some addresses of this app are refused');
  }

  function ownAddresses(): readonly Address[] {
    const age = now() - machine.readAt;
    // A clock that was set back would keep them for as long.
    if (age < 0 || age >= ADDRESSES_AGAIN_MS) machine = { addresses: machineAddresses(), readAt: now() };
    return machine.addresses;
  }

  /** Each place and each address on its own: one may well be good and another one bad (F3). Throws when none is good. */
  function sortOut({ places, site }: Asked, answers: Answers): { reached: Reached[]; problems: string[] } {
    const own = { listeners: options.own(), addresses: ownAddresses() };
    const reached = new Map<string, Reached>();
    const problems: string[] = [];
    let failure: Fault | null = null;
    places.forEach(({ host, port, literal }, at) => {
      try {
        for (const address of literal === null ? addressesOf(host, answers[at] as Answer) : [literal]) {
          const reason = checkAddress(address, port, site, own);
          if (reason !== null) problems.push(`${address} (${reason})`);
          else if (!reached.has(`${address} ${port}`))
            reached.set(`${address} ${port}`, { endpoint: { address, port }, servername: host });
        }
      } catch (thrown) {
        const fault = asFault(thrown);
        failure ??= fault;
        problems.push(fault.detail);
      }
    });
    if (reached.size === 0) throw failure ?? new Fault('upstream-address-refused', { detail: problems.join(', ') });
    return { reached: [...reached.values()], problems };
  }

  function targetOf(app: App, upstream: Upstream, reached: readonly Reached[]): UpstreamTarget {
    const { scheme, tls, clientCertificate, protocol } = upstream;
    const timeoutMs = app.traffic.timeouts.connect ?? connectTimeoutMs;
    const endpoints = interleave(reached.map(({ endpoint }) => endpoint));
    const servernames = new Map(reached.map(({ endpoint, servername }) => [endpoint, servername]));
    return {
      key: identityKey(app.siteId, upstream),
      protocol,
      endpoints,
      async connect(order, { protocol: wanted = protocol, signal, onFailed: tell } = {}) {
        const startedAt = performance.now();
        const onFailed = (endpoint: Endpoint, code: string) => {
          options.counts?.upstreamFailed(code);
          tell?.(endpoint, code);
        };
        const connected = (stream: Duplex, endpoint: Endpoint): Connected => {
          options.counts?.connected(performance.now() - startedAt);
          return { stream, endpoint };
        };
        // Only objects that came out of this check are dialled; equal ones are looked up among them.
        const checked = order.flatMap((each) => endpoints.filter((endpoint) => isSame(endpoint, each)));
        if (checked.length === 0) throw new Fault('upstream-unreachable', { detail: 'none of the addresses is left' });
        const { socket, endpoint } = await connectFirst(checked, { timeoutMs, signal, onFailed });
        if (scheme === 'http') return connected(socket, endpoint);
        const servername = servernames.get(endpoint) ?? upstream.host;
        try {
          const proof = { servername, tls, clientCertificate, protocol: wanted, timeoutMs, signal };
          return connected(await secure(socket, proof), endpoint);
        } catch (thrown) {
          if (!signal?.aborted) onFailed(endpoint, asFault(thrown).code);
          throw thrown;
        }
      },
    };
  }

  return {
    resolve,
    inspect(app) {
      const site = options.site(app);
      if (site === null || parseAddress(app.upstream.host) !== null) return null;
      return resolvers.for(site).inspect(app.upstream.host as Hostname);
    },
    close: () => resolvers.close(),
  };
}

function placesOf({ host, port, replicas }: Upstream): Place[] {
  return [{ host, port }, ...replicas].map((place) => ({ ...place, literal: parseAddress(place.host) }));
}

/**
 * While some of several places are being looked up again, nobody waits for them: what they were a moment ago still counts
 * until the lookup ends. Null when there is no such answer for one of them.
 */
function withLastKnown(answers: readonly (Answer | null | Promise<Answer>)[], known: Answers): Answers | null {
  if (answers.length === 1) return null;
  const all = answers.map((answer, at) => (answer instanceof Promise ? known[at] : answer));
  if (all.some((answer, at) => answers[at] instanceof Promise && answer?.kind !== 'addresses')) return null;
  return all as Answers;
}

function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}

function addressesOf(host: string, answer: Answer): readonly Address[] {
  const detail = `${host}: ${answer.kind === 'failure' ? answer.reason : answer.kind}`;
  switch (answer.kind) {
    case 'addresses':
      return answer.addresses;
    case 'no-such-name':
    case 'no-address':
      throw new Fault('upstream-name-not-found', { detail });
    case 'failure':
      throw new Fault(answer.reason === 'timeout' ? 'upstream-dns-timeout' : 'upstream-dns-failed', { detail });
    default:
      return answer satisfies never;
  }
}
