// What is asked of an upstream that answers: under which Host, from which Origin, over a WebSocket, with a worker of its own, and who it lets in.
import { parseAddress } from '#server/core/address.ts';
import { asFault } from '#server/core/fault.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { ProbedApp, ProbedPage, ProbeHop } from '#server/core/probe.ts';
import {
  httpsPortOf,
  internalLinks,
  isWell,
  loginOf,
  namedWebSockets,
  registeredWorker,
  titleOf,
  wantedHost,
  whereTo,
} from '#server/core/probe-read.ts';
import { type AskContext, type Asked, askPage, askWebSocket } from './ask-page.ts';

export type Known = { webSocketPaths: readonly string[]; zones: readonly Hostname[] };

const MAX_HOPS = 4;
const MAX_SOCKETS = 6;
/** How apps refuse an Origin. */
const REFUSALS = [400, 401, 403, 421];
/** Where apps commonly have them. */
const SOCKET_PATHS = ['/', '/ws', '/websocket', '/socket.io/?EIO=4&transport=websocket'];
const WORKER_PATHS = ['/service-worker.js', '/sw.js', '/ngsw-worker.js'];

export async function askQuestions(context: AskContext, known: Known): Promise<ProbedApp> {
  const { upstream, publicAuthority, portal } = context;
  const internal = authorityOf(context);
  const hasName = parseAddress(upstream.host) === null;
  const [first, second] = await Promise.all([
    walk(context, publicAuthority),
    hasName && internal !== publicAuthority ? walk(context, internal) : null,
  ]);
  const wants = wantedHost(first.page, second?.page ?? null);
  const best = second && (wants === 'internal' || wants === 'different') ? second : first;
  const { page, html } = best;
  const origin = `${portal.scheme}://${publicAuthority}`;
  const at = { path: page.path, host: page.host };
  const [refusesOrigin, webSocket, serviceWorker] = await Promise.all([
    isWell(page) ? checksOrigin(context, at, page, origin) : false,
    isWell(page)
      ? findWebSocket(context, page.host, origin, [...known.webSocketPaths, ...namedWebSockets(html)])
      : null,
    isWell(page) ? findWorker(context, page, html) : null,
  ]);
  return {
    asPublic: first.page,
    asInternal: second?.page ?? null,
    wants,
    httpsPort: httpsPortOf([...first.page.hops, ...(second?.page.hops ?? [])]),
    refusesOrigin,
    internalLinks: internalLinks(html, upstream.host, known.zones),
    webSocket,
    serviceWorker,
    login: loginOf(page, html, best.challenges),
  };
}

type Walked = { page: ProbedPage; html: string; challenges: readonly string[] };

/** Follows redirects only as far as they stay at this upstream: no other place is ever dialled. */
async function walk(context: AskContext, host: string): Promise<Walked> {
  const hops: ProbeHop[] = [];
  const cookies = new Map<string, string>();
  let path = '/';
  for (;;) {
    const headers = cookies.size > 0 ? ['Cookie', [...cookies].map((pair) => pair.join('=')).join('; ')] : [];
    const asked = await askPage(context, { path, host, headers }).catch((thrown) => asFault(thrown));
    const begun = { host, path, hops };
    if (asked instanceof Error) {
      const page = { ...begun, status: null, fault: asked.code, title: '', server: '' };
      return { page, html: '', challenges: [] };
    }
    keepCookies(cookies, asked);
    const { location } = asked.headers;
    if (asked.status >= 300 && asked.status < 400 && location !== undefined && hops.length < MAX_HOPS) {
      const base = new URL(`${context.upstream.scheme}://${authorityOf(context)}${path}`);
      const { leads, url } = whereTo(location, base, context.publicAuthority.split(':')[0] ?? '');
      hops.push({ status: asked.status, location: url?.href ?? location, leads });
      if (url && (leads === 'within' || leads === 'internal' || leads === 'public')) {
        path = `${url.pathname}${url.search}`;
        continue;
      }
    }
    const html = /html/i.test(asked.headers['content-type'] ?? '') ? asked.body : '';
    const server = String(asked.headers.server ?? '').slice(0, 80);
    const page = { ...begun, status: asked.status, fault: null, title: titleOf(html), server };
    return { page, html, challenges: asked.challenges };
  }
}

/** Sign-in pages that try whether a cookie comes back lead round in circles without one. */
function keepCookies(cookies: Map<string, string>, { headers }: Asked): void {
  for (const line of (headers['set-cookie'] ?? []).slice(0, 20)) {
    const [, name, value] = /^([^=;\s]{1,200})=([^;]{0,2000})/.exec(line) ?? [];
    if (name !== undefined) cookies.set(name, value ?? '');
  }
}

/** Compares the same request with and without the Origin that browsers will send. */
async function checksOrigin(
  context: AskContext,
  at: { path: string; host: string },
  { status }: ProbedPage,
  origin: string,
): Promise<boolean> {
  const asked = await askPage(context, { ...at, headers: ['Origin', origin] }).catch(() => null);
  return asked !== null && asked.status !== status && REFUSALS.includes(asked.status);
}

async function findWebSocket(
  context: AskContext,
  host: string,
  origin: string,
  named: readonly string[],
): Promise<ProbedApp['webSocket']> {
  const paths = [...new Set([...named, ...SOCKET_PATHS])].filter((path) => path.startsWith('/')).slice(0, MAX_SOCKETS);
  for (const path of paths) {
    const asPublic = await askWebSocket(context, { path, host, origin }).catch(() => 0);
    if (asPublic === 101) return { path, outcome: 'accepted' };
    // Only a handshake that works from the app's own pages shows that it is the Origin which is refused.
    const own = `${context.upstream.scheme}://${authorityOf(context)}`;
    if (!REFUSALS.includes(asPublic)) continue;
    if ((await askWebSocket(context, { path, host, origin: own }).catch(() => 0)) === 101)
      return { path, outcome: 'origin-refused' };
  }
  return null;
}

async function findWorker(context: AskContext, page: ProbedPage, html: string): Promise<string | null> {
  const registered = registeredWorker(html);
  const base = `http://x${page.path}`;
  if (registered !== null && URL.canParse(registered, base)) return new URL(registered, base).pathname;
  for (const path of WORKER_PATHS) {
    const headers = ['Service-Worker', 'script'];
    const asked = await askPage(context, { path, host: page.host, headers }).catch(() => null);
    if (asked?.status === 200 && /javascript/i.test(asked.headers['content-type'] ?? '')) return path;
  }
  return null;
}

/** The upstream as its own Host header has it. */
function authorityOf({ upstream: { scheme, host, port } }: AskContext): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === (scheme === 'https' ? 443 : 80) ? name : `${name}:${port}`;
}
