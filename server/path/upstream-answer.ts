// One GET to an upstream through the gateway's own client, with the headers that the gateway sends and nobody's identity.
import type { App, Upstream } from '#server/core/app.ts';
import { Fault } from '#server/core/fault.ts';
import type { AnswerFacts } from '#server/core/path.ts';
import type { Portal } from '#server/core/snapshot.ts';
import { upstreamHeaders, upstreamHost } from '../http/headers.ts';
import type { Limits } from '../http/limits.ts';
import { traceContext } from '../http/trace-context.ts';
import { UpstreamPools } from '../http/upstream/pools.ts';
import type { UpstreamHandler, UpstreamTarget } from '../http/upstream/upstream.ts';

export type AnswerOptions = {
  app: App;
  upstream: Upstream;
  /** Place in the app's routes, -1 for its own upstream. */
  route: number;
  target: UpstreamTarget;
  portal: Portal;
  /** As a Host header has it. */
  publicAuthority: string;
  path: string;
  clientAddress: string;
  supportId: string;
  via: string;
  limits: Limits;
  timeoutMs: number;
  signal: AbortSignal;
};

/** Never rejects. The body is not read. */
export async function askUpstream(options: AnswerOptions): Promise<AnswerFacts> {
  const { app, path: target, publicAuthority, upstream } = options;
  const host = upstreamHost(upstream, publicAuthority);
  const head = await headOf(options, host);
  if (head instanceof Fault)
    return { target, host, status: null, location: null, leadsInside: false, fault: head.code, detail: head.detail };
  const location = headerOf(head.headers, 'location');
  return {
    target,
    host,
    status: head.status,
    location,
    leadsInside: location !== null && !app.traffic.mapLocation && isInside(location, upstream, publicAuthority),
    fault: null,
    detail: headerOf(head.headers, 'server') ?? '',
  };
}

type Head = { status: number; headers: readonly string[] };

function headOf(options: AnswerOptions, host: string): Promise<Head | Fault> {
  const { app, limits, path, route, signal, target, timeoutMs } = options;
  const pools = new UpstreamPools(limits);
  return new Promise<Head | Fault>((resolve) => {
    const late = new Fault('upstream-timeout', { detail: `no answer within ${timeoutMs} ms` });
    const deadline = setTimeout(() => resolve(late), timeoutMs);
    const abort = () => resolve(new Fault('upstream-closed', { detail: 'aborted' }));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    const settle = (result: Head | Fault) => {
      clearTimeout(deadline);
      signal.removeEventListener('abort', abort);
      resolve(result);
    };
    const handler: UpstreamHandler = {
      carried() {},
      informed() {},
      answered: (status, headers) => settle({ status, headers }),
      data() {},
      ended() {},
      failed: ({ fault }) => settle(fault),
    };
    const request = {
      method: 'GET',
      target: path,
      headers: requestHeaders(options, host),
      body: null,
      timeouts: { headers: timeoutMs, idle: timeoutMs },
    };
    pools.dispatch({ app, route }, target, request, handler, { person: null, stickyKey: null });
  }).finally(() => pools.destroy());
}

/** As for a person, but for who they are: a look from here is nobody's visit. */
function requestHeaders(options: AnswerOptions, host: string): string[] {
  const { app, clientAddress, portal, publicAuthority, supportId, upstream, via } = options;
  return upstreamHeaders(['User-Agent', 'Foyer (path view)', 'Accept', 'text/html,*/*;q=0.8'], {
    host,
    trace: traceContext([]),
    receivedOver: '1.1',
    sentOver: upstream.protocol,
    edits: app.traffic.requestHeaders,
    clientAddress,
    scheme: portal.scheme,
    publicAuthority,
    supportId,
    via,
    assertion: null,
    identity: null,
  });
}

function headerOf(headers: readonly string[], name: string): string | null {
  for (let i = 0; i < headers.length; i += 2) if (headers[i]?.toLowerCase() === name) return headers[i + 1] ?? '';
  return null;
}

/** Reports whether a Location names the upstream itself, which people cannot reach. */
function isInside(location: string, upstream: Upstream, publicAuthority: string): boolean {
  if (!URL.canParse(location)) return false;
  const { host, hostname } = new URL(location);
  return host !== publicAuthority && [upstream, ...upstream.replicas].some((place) => place.host === hostname);
}
