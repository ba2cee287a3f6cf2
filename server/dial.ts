// From an app's upstream to byte streams: its places by the site's private DNS, every address checked, the first that answers, TLS where it is wanted.
import type { Logger } from 'pino';
import type { App, Endpoint, Site, Upstream } from '#server/core/app.ts';
import { checkAddress } from '#server/core/check-address.ts';
import { asFault, Fault } from '#server/core/fault.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { Answer } from '#server/dns/answer.ts';
import type { Exchange } from '#server/dns/exchange.ts';
import type { ServerView } from '#server/dns/server-list.ts';
import type { UpstreamTarget } from '#server/http/upstream/upstream.ts';
import { type Basis, CheckedTarget, type DialCounts, type Reached } from './dial/checked-target.ts';
import { openExchange } from './dial/own-exchange.ts';
import { watchOwnHost } from './dial/own-host.ts';
import { addressesOf, type PlaceView, placesOf, withLastKnown } from './dial/places.ts';
import { createSiteResolvers, type SiteResolvers } from './dial/site-resolvers.ts';

export type DialerOptions = {
  /** The app's site in the current snapshot; the same object while nothing about it changed makes this cheap. */
  site(app: App): Site | null;
  /** Where Foyer itself listens; an unspecified address means every own one. */
  own(): readonly Endpoint[];
  now(): number;
  log: Logger;
  /** For TCP, TLS and the greeting of HTTP/2 together, where the app says nothing else. */
  connectTimeoutMs?: number;
  /** The caller's, who closes it; without one the dialer has its own. */
  exchange?: Exchange;
  counts?: DialCounts;
};

/** `reached`: what may be dialled, in the order of the places. `target` is what `resolve` gives, or the fault that it throws. */
export type Survey = {
  site: Site | null;
  /** `isHeld`: its answer is one that was held, since no server gave one. */
  places: readonly (PlaceView & { isHeld: boolean })[];
  reached: readonly Reached[];
  target: UpstreamTarget | Fault;
};

export type HeldName = { host: Hostname; answer: Answer };

/** `servers`: how the site's DNS servers are doing, where there is a name to ask them for. */
export type Held = { names: readonly HeldName[]; servers: readonly ServerView[] };

export type Dialer = {
  /**
   * Where the app's own upstream, or one of its routes', is right now. A value while the answers are in memory, else a
   * promise. Throws or rejects with a Fault. What the target connects to was checked, and nothing else. `last` is what the
   * caller was given before: it is given again while nothing has changed.
   */
  resolve(app: App, upstream: Upstream, last?: UpstreamTarget | null): UpstreamTarget | Promise<UpstreamTarget>;
  /**
   * The same way taken for people to look at: every answer waited for, every address with what the check says of it. A lookup
   * that fails is made up for by `lastKnown`, as gateways do with what they hold. Never rejects.
   */
  survey(app: App, upstream: Upstream, lastKnown?: (host: Hostname) => Answer | null): Promise<Survey>;
  /** What is held of each name that an app's upstreams have, its routes' included, for people. Asks nobody. */
  held(app: App): Held;
  sites: Pick<SiteResolvers, 'view' | 'retain'>;
  /** Ends every lookup under way. */
  close(): void;
};

export function createDialer(options: DialerOptions): Dialer {
  const { now, log, connectTimeoutMs = 5_000 } = options;
  const { exchange, close: closeExchange } = options.exchange
    ? { exchange: options.exchange, close: () => {} }
    : openExchange({ now });
  const resolvers = createSiteResolvers({ now, log, exchange });
  const announced = new Map<string, string>();
  const ownHost = watchOwnHost({ listeners: options.own, now });

  function resolve(
    app: App,
    upstream: Upstream,
    last?: UpstreamTarget | null,
  ): UpstreamTarget | Promise<UpstreamTarget> {
    const site = options.site(app);
    if (site === null) throw new Fault('site-missing', { detail: `site ${app.siteId}` });
    const known = last instanceof CheckedTarget && last.basis.upstream === upstream ? last : null;
    const own = ownHost();
    const before = known?.basis;
    const isSame = before !== undefined && before.site === site && before.app === app && before.own === own;
    if (known !== null && isSame && known.isLiteral) return known;
    const places = before?.places ?? placesOf(upstream);
    const answers = places.map(({ host, literal }) =>
      literal === null ? resolvers.for(site).lookup(host as Hostname) : null,
    );
    if (known !== null && isSame && answers.every((answer, at) => answer === known.basis.answers[at])) return known;
    const asked = { app, upstream, site, own, places };
    if (areHere(answers)) return check({ ...asked, answers });
    const meanwhile = withLastKnown(places, answers, resolvers.for(site).inspect, now());
    if (meanwhile !== null) return check({ ...asked, answers: meanwhile });
    return Promise.all(answers).then((late) => check({ ...asked, own: ownHost(), answers: late }));
  }

  /** Turns answers into a target. */
  function check(basis: Basis): UpstreamTarget {
    const { reached, problems } = sortOut(basis);
    const target = new CheckedTarget(basis, reached, { connectTimeoutMs, counts: options.counts });
    announce(basis.app, basis.upstream, target, problems);
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

  /** Throws when none is good. */
  function sortOut(basis: Basis): { reached: Reached[]; problems: string[] } {
    const reached = new Map<string, Reached>();
    const problems: string[] = [];
    let failure: Fault | null = null;
    for (const { addresses, fault, host, port } of look(basis)) {
      for (const { address, refusal } of addresses) {
        if (refusal !== null) problems.push(`${address} (${refusal})`);
        else if (!reached.has(`${address} ${port}`))
          reached.set(`${address} ${port}`, { endpoint: { address, port }, servername: host });
      }
      if (fault !== null) problems.push(fault.detail);
      failure ??= fault;
    }
    if (reached.size === 0) throw failure ?? new Fault('upstream-address-refused', { detail: problems.join(', ') });
    return { reached: [...reached.values()], problems };
  }

  /** Each place and each address on its own: one may well be good and another one bad (F3). */
  function look({ places, site, own, answers }: Basis): PlaceView[] {
    return places.map((place, at) => {
      const { host, literal, port } = place;
      const answer = answers[at] ?? null;
      try {
        const found = literal === null ? addressesOf(host, answer as Answer) : [literal];
        const addresses = found.map((address) => ({ address, refusal: checkAddress(address, port, site, own) }));
        return { ...place, answer, addresses, fault: null };
      } catch (thrown) {
        return { ...place, answer, addresses: [], fault: asFault(thrown) };
      }
    });
  }

  async function survey(
    app: App,
    upstream: Upstream,
    lastKnown: (host: Hostname) => Answer | null = () => null,
  ): Promise<Survey> {
    const site = options.site(app);
    if (site === null)
      return { site, places: [], reached: [], target: new Fault('site-missing', { detail: `site ${app.siteId}` }) };
    const places = placesOf(upstream);
    const resolver = resolvers.for(site);
    const found = await Promise.all(
      places.map(({ host, literal }) => (literal === null ? resolver.lookup(host as Hostname) : null)),
    );
    const held = places.map(({ host }, at) => (found[at]?.kind === 'failure' ? lastKnown(host as Hostname) : null));
    const answers = found.map((answer, at) => held[at] ?? answer);
    const basis = { app, upstream, site, own: ownHost(), places, answers };
    const seen = { site, places: look(basis).map((place, at) => ({ ...place, isHeld: held[at] !== null })) };
    try {
      return { ...seen, reached: sortOut(basis).reached, target: check(basis) };
    } catch (thrown) {
      return { ...seen, reached: [], target: asFault(thrown) };
    }
  }

  return {
    resolve,
    survey,
    held(app) {
      const site = options.site(app);
      if (site === null) return NOTHING_HELD;
      const upstreams = [app.upstream, ...app.traffic.routes.map(({ upstream }) => upstream)];
      const places = upstreams.flatMap(placesOf).filter(({ literal }) => literal === null);
      if (places.length === 0) return NOTHING_HELD;
      const resolver = resolvers.for(site);
      const names = [...new Set(places.map(({ host }) => host as Hostname))].flatMap((host) => {
        const answer = resolver.inspect(host);
        return answer === null ? [] : { host, answer };
      });
      return { names, servers: resolver.servers() };
    },
    sites: resolvers,
    close() {
      resolvers.close();
      closeExchange();
    },
  };
}

const NOTHING_HELD: Held = { names: [], servers: [] };

/** `Promise.all` of answers that are all here would make everybody wait for a turn. */
function areHere(answers: readonly (Answer | null | Promise<Answer>)[]): answers is (Answer | null)[] {
  return !answers.some((answer) => answer instanceof Promise);
}
