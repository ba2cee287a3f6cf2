// The client of upstreams for tests: real sockets on loopback, and what became of each request as a value.
import { connect, type Socket } from 'node:net';
import type { Address } from '#server/core/address.ts';
import { type App, type Endpoint, PLAIN_LOOK, PLAIN_TRAFFIC, PLAIN_UPSTREAM, type Traffic } from '#server/core/app.ts';
import { Fault, type FaultCode } from '#server/core/fault.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { hashText, score } from './choose.ts';
import { endpointKey } from './lane.ts';
import { UpstreamPools } from './pools.ts';
import type { Dispatched, DispatchOptions, UpstreamRequest, UpstreamStream, UpstreamTarget } from './upstream.ts';

/** A test, or a file by its own `after`. */
export type Ends = { after(end: () => void | Promise<void>): void };

export type Answer = {
  status: number;
  headers: string[];
  /** As `answered` gave it. */
  length: number | null;
  body: Buffer;
  trailers: string[] | null;
  interim: { status: number; headers: string[] }[];
  /** Null when the answer came to its end. */
  fault: FaultCode | null;
  detail: string;
  again: boolean;
};

/** A request on its way. Its body is kept unless `onData` takes it. */
export type Asked = { done: Promise<Answer>; dispatched: Dispatched; carried: Promise<UpstreamStream>; answer: Answer };

export type Ask = Partial<Omit<UpstreamRequest, 'target'>> & {
  app?: App;
  route?: number;
  target: UpstreamTarget;
  path?: string;
  options?: Partial<DispatchOptions>;
  onData?(chunk: Buffer, stream: UpstreamStream): void;
  onAnswered?(stream: UpstreamStream): void;
};

export function client(t: Ends, limits: Partial<Limits> = {}, clock?: () => number): UpstreamPools {
  const pools = new UpstreamPools({ ...DEFAULT_LIMITS, ...limits }, clock);
  t.after(() => pools.destroy());
  return pools;
}

export function ask(pools: UpstreamPools, { target, ...given }: Ask): Asked {
  const answer: Answer = {
    ...{ status: 0, headers: [], length: null, body: Buffer.alloc(0), trailers: null, interim: [] },
    ...{ fault: null, detail: '', again: false },
  };
  const chunks: Buffer[] = [];
  const done = Promise.withResolvers<Answer>();
  const carried = Promise.withResolvers<UpstreamStream>();
  let stream: UpstreamStream | null = null;
  const settle = (): void => {
    answer.body = Buffer.concat(chunks);
    done.resolve(answer);
  };
  const dispatched = pools.dispatch(
    { app: given.app ?? appOf(), route: given.route ?? -1 },
    target,
    {
      method: given.method ?? 'GET',
      target: given.path ?? '/',
      headers: given.headers ?? ['Host', 'wiki.test'],
      body: given.body ?? null,
      timeouts: given.timeouts ?? { headers: 5_000, idle: 5_000 },
    },
    {
      carried(by) {
        stream = by;
        carried.resolve(by);
      },
      informed: (status, headers) => void answer.interim.push({ status, headers }),
      answered(status, headers, length) {
        Object.assign(answer, { status, headers, length });
        if (stream) given.onAnswered?.(stream);
      },
      data(chunk) {
        if (given.onData && stream) given.onData(chunk, stream);
        else chunks.push(chunk);
      },
      ended(trailers) {
        answer.trailers = trailers;
        settle();
      },
      failed({ fault, again }) {
        Object.assign(answer, { fault: fault.code, detail: fault.detail, again });
        settle();
      },
    },
    { person: null, stickyKey: null, ...given.options },
  );
  return { done: done.promise, dispatched, carried: carried.promise, answer };
}

export function appOf(traffic: Partial<Traffic> = {}, id = 'wiki'): App {
  return {
    id,
    name: id,
    description: '',
    hosts: [`${id}.test` as Hostname],
    ...PLAIN_LOOK,
    showInLauncher: true,
    enabled: true,
    siteId: 'site',
    upstream: {
      ...PLAIN_UPSTREAM,
      scheme: 'http',
      host: 'internal.test' as Hostname,
      port: 80,
      hostHeader: { kind: 'public' },
      tls: { kind: 'system' },
    },
    identityHeaders: [],
    maxSessionMs: null,
    traffic: { ...PLAIN_TRAFFIC, ...traffic },
  };
}

export type TestTarget = UpstreamTarget & { dials: number; sockets: Socket[] };

/** Clear text to these ports; 127.0.0.1 where nothing else is said. The first of the order is dialled, then the next one. */
export function targetOf(ports: readonly (number | Endpoint)[], parts: Partial<UpstreamTarget> = {}): TestTarget {
  const endpoints = ports.map((port) => (typeof port === 'number' ? endpoint(port) : port));
  const target: TestTarget = {
    key: 'key',
    protocol: 'http/1.1',
    endpoints,
    dials: 0,
    sockets: [],
    connect: async (order, { signal, onFailed } = {}) => {
      target.dials += 1;
      for (const each of order) {
        const socket = await dial(each, signal);
        if (socket !== null) {
          target.sockets.push(socket);
          return { stream: socket, endpoint: each, leftMs: 5_000 };
        }
        onFailed?.(each, 'upstream-refused');
      }
      throw new Fault('upstream-refused', { detail: 'every address failed' });
    },
    ...parts,
  };
  return target;
}

/** A key whose requests take this port of the target's while every one is well. */
export function keyFor(target: UpstreamTarget, port: number): string {
  for (let i = 0; ; i += 1) {
    const liking = (each: Endpoint) => score(hashText(`session ${i}`), hashText(endpointKey(each)));
    const [best] = [...target.endpoints].sort((a, b) => liking(b) - liking(a));
    if (best?.port === port) return `session ${i}`;
  }
}

export function endpoint(port: number, address = '127.0.0.1'): Endpoint {
  return { address: address as Address, port };
}

function dial({ address, port }: Endpoint, signal?: AbortSignal): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, signal, noDelay: true });
    socket.on('error', () => resolve(null));
    socket.once('connect', () => resolve(socket));
  });
}

/** Resolves when it holds; looks whenever the loop turns. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => setImmediate(resolve));
}
