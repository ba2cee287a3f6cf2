// A checked target: where an upstream's bytes may go, everything that its check went by, and how it is connected to.
import type { Duplex } from 'node:stream';
import type { App, Endpoint, Site, Upstream, UpstreamProtocol } from '#server/core/app.ts';
import type { OwnHost } from '#server/core/check-address.ts';
import { asFault, Fault } from '#server/core/fault.ts';
import type { Connected, ConnectOptions, UpstreamTarget } from '#server/http/upstream/upstream.ts';
import { connectFirst } from './connect-first.ts';
import { identityKey, interleave } from './identity-key.ts';
import type { Answers, DialPlace } from './places.ts';
import { secure } from './upstream-tls.ts';

/** What a check goes by: while all of it is the same, so is its outcome. */
export type Basis = {
  app: App;
  upstream: Upstream;
  site: Site;
  /** The same object while nothing of it changed. */
  own: OwnHost;
  places: readonly DialPlace[];
  answers: Answers;
};

/** A place's endpoint, and the name that the far end has to prove. */
export type Reached = { endpoint: Endpoint; servername: string };

/** For metrics: how long a connection took, and the fault of an endpoint that gave none. */
export type DialCounts = { connected(ms: number): void; upstreamFailed(code: string): void };

export class CheckedTarget implements UpstreamTarget {
  readonly key: string;
  readonly protocol: UpstreamProtocol;
  readonly endpoints: readonly Endpoint[];
  readonly basis: Basis;
  /** There is no name that DNS could answer otherwise. */
  readonly isLiteral: boolean;
  readonly #servernames: ReadonlyMap<Endpoint, string>;
  readonly #timeoutMs: number;
  readonly #counts: DialCounts | undefined;

  constructor(
    basis: Basis,
    reached: readonly Reached[],
    { connectTimeoutMs, counts }: { connectTimeoutMs: number; counts?: DialCounts | undefined },
  ) {
    const { app, upstream } = basis;
    this.key = identityKey(app.siteId, upstream);
    this.protocol = upstream.protocol;
    this.endpoints = interleave(reached.map(({ endpoint }) => endpoint));
    this.basis = basis;
    this.isLiteral = basis.places.every(({ literal }) => literal !== null);
    this.#servernames = new Map(reached.map(({ endpoint, servername }) => [endpoint, servername]));
    this.#timeoutMs = app.traffic.timeouts.connect ?? connectTimeoutMs;
    this.#counts = counts;
  }

  async connect(order: readonly Endpoint[], options: ConnectOptions = {}): Promise<Connected> {
    const { protocol = this.protocol, signal, onFailed: tell } = options;
    const { scheme, tls, clientCertificate, host } = this.basis.upstream;
    const timeoutMs = this.#timeoutMs;
    const startedAt = performance.now();
    const leftMs = (): number => Math.max(1, Math.ceil(startedAt + timeoutMs - performance.now()));
    const onFailed = (endpoint: Endpoint, code: string): void => {
      this.#counts?.upstreamFailed(code);
      tell?.(endpoint, code);
    };
    const connected = (stream: Duplex, endpoint: Endpoint): Connected => {
      this.#counts?.connected(performance.now() - startedAt);
      return { stream, endpoint, leftMs: leftMs() };
    };
    // Only objects that came out of this check are dialled; equal ones are looked up among them.
    const checked = order.flatMap((each) => this.endpoints.filter((endpoint) => isSame(endpoint, each)));
    if (checked.length === 0) throw new Fault('upstream-unreachable', { detail: 'none of the addresses is left' });
    const { socket, endpoint } = await connectFirst(checked, { timeoutMs, signal, onFailed });
    if (scheme === 'http') return connected(socket, endpoint);
    const servername = this.#servernames.get(endpoint) ?? host;
    try {
      const proof = { servername, tls, clientCertificate, protocol, timeoutMs: leftMs(), signal };
      return connected(await secure(socket, proof), endpoint);
    } catch (thrown) {
      if (!signal?.aborted) onFailed(endpoint, asFault(thrown).code);
      throw thrown;
    }
  }
}

function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}
