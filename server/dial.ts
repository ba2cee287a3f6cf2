// From an app to a byte stream: its name by the site's private DNS, every address checked, the first that answers, TLS where the app wants it.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import { type Address, parseAddress } from '#server/core/address.ts';
import type { App, Endpoint, Site } from '#server/core/app.ts';
import { checkAddress } from '#server/core/check-address.ts';
import { Fault } from '#server/core/fault.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { Answer } from '#server/dns/answer.ts';
import type { Exchange } from '#server/dns/exchange.ts';
import type { ResolverView } from '#server/dns/resolve.ts';
import { connectFirst } from './connect-first.ts';
import { type DialTarget, dialTarget } from './dial-target.ts';
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
  connectTimeoutMs?: number;
  exchange?: Exchange;
};

export type Dialer = {
  /** A value while the answer is in memory and its check is recent, else a promise. Throws or rejects with a Fault. */
  resolve(app: App, signal?: AbortSignal): DialTarget | Promise<DialTarget>;
  /** Connects to one of the target's checked addresses and no other. Rejects with a Fault. The stream has an error listener. */
  connect(target: DialTarget, app: App, signal?: AbortSignal): Promise<Socket | TLSSocket>;
  /** What is known about the way to an app, for people; null when there is no name to look up. */
  inspect(app: App): ResolverView | null;
  /** Ends every lookup under way. */
  close(): void;
};

/** The machine's own addresses change without telling, so a check is repeated after this time even when the answer stays. */
const CHECK_AGAIN_MS = 10_000;

type Checked = { site: Site; answer: Answer | null; checkedAt: number; target: DialTarget };

export function createDialer(options: DialerOptions): Dialer {
  const { now, log, connectTimeoutMs = 5_000 } = options;
  const resolvers = createSiteResolvers(options);
  const latest = new WeakMap<App, Checked>();
  const lastGood = new Map<string, Address>();
  const announced = new Map<string, string>();

  function resolve(app: App, signal?: AbortSignal): DialTarget | Promise<DialTarget> {
    const site = options.site(app);
    if (site === null) throw new Fault('site-missing', { detail: `site ${app.siteId}` });
    const known = latest.get(app);
    const isLiteral = known?.site === site ? known.answer === null : parseAddress(app.upstream.host) !== null;
    if (isLiteral) return check(app, site, null, known);
    const answer = resolvers.for(site).lookup(app.upstream.host as Hostname, signal);
    return answer instanceof Promise
      ? answer.then((late) => check(app, site, late, known))
      : check(app, site, answer, known);
  }

  /** Turns an answer into a target, unless this very answer was checked a moment ago. */
  function check(app: App, site: Site, answer: Answer | null, known: Checked | undefined): DialTarget {
    const isChecked = known?.site === site && known.answer === answer && now() - known.checkedAt < CHECK_AGAIN_MS;
    if (isChecked) return known.target;
    const { allowed, refused } = sortOut(app, site, addressesOf(app, answer));
    const target = dialTarget(app, allowed);
    if (announced.get(app.id) !== target.key) announce(app, target, refused);
    latest.set(app, { site, answer, checkedAt: now(), target });
    return target;
  }

  /** Said once for each new target, not each time a short TTL ends. */
  function announce(app: App, target: DialTarget, refused: readonly string[]): void {
    announced.set(app.id, target.key);
    if (target.scheme === 'https' && target.tls.kind === 'unverified')
      log.warn({ app: app.id }, 'the certificate of this app is not verified');
    if (refused.length > 0)
      log.warn({ app: app.id, refused: refused.length }, 'some addresses of this app are refused');
  }

  /** Each address on its own: a name may well answer with a good and a bad one (F3). */
  function sortOut(app: App, site: Site, addresses: readonly Address[]): { allowed: Address[]; refused: string[] } {
    const own = { listeners: options.own(), addresses: machineAddresses() };
    const allowed: Address[] = [];
    const refused: string[] = [];
    for (const address of addresses) {
      const reason = checkAddress(address, app.upstream.port, site, own);
      if (reason === null) allowed.push(address);
      else refused.push(`${address} (${reason})`);
    }
    if (allowed.length === 0) throw new Fault('upstream-address-refused', { detail: refused.join(', ') });
    return { allowed, refused };
  }

  async function connect(target: DialTarget, app: App, signal?: AbortSignal): Promise<Socket | TLSSocket> {
    const { addresses, port, scheme, servername, tls } = target;
    const timing = { timeoutMs: connectTimeoutMs, signal };
    const favourite = addresses.filter((address) => address === lastGood.get(app.id));
    const ordered = [...new Set([...favourite, ...addresses])];
    const { socket, address } = await connectFirst(ordered, { port, ...timing });
    lastGood.set(app.id, address);
    return scheme === 'https' ? secure(socket, { servername, tls, ...timing }) : socket;
  }

  return {
    resolve,
    connect,
    inspect(app) {
      const site = options.site(app);
      if (site === null || parseAddress(app.upstream.host) !== null) return null;
      return resolvers.for(site).inspect(app.upstream.host as Hostname);
    },
    close: () => resolvers.close(),
  };
}

/** The addresses of an answer, or the literal one that an admin entered when there was nothing to ask. */
function addressesOf(app: App, answer: Answer | null): readonly Address[] {
  if (answer === null) return [app.upstream.host as Address];
  const detail = `${app.upstream.host}: ${answer.kind === 'failure' ? answer.reason : answer.kind}`;
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
