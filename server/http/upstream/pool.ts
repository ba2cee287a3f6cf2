// The connections to one upstream of one app: a lane for each checked address, and a queue while all connections are taken.
import type { Endpoint, UpstreamProtocol } from '#server/core/app.ts';
import { asFault, Fault } from '#server/core/fault.ts';
import type { Attempt, Dialling } from './attempt.ts';
import { score } from './choose.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import { endpointKey, Lane, type LaneOwner } from './lane.ts';
import { isRepeatable } from './retry-budget.ts';
import type {
  Connected,
  ConnectOptions,
  EndpointView,
  UpgradeConnection,
  UpgradeFate,
  UpstreamTarget,
} from './upstream.ts';
import { UpstreamHttp1Connection } from './upstream-http1-connection.ts';
import { STREAMS_AT_FIRST, UpstreamHttp2Connection } from './upstream-http2-connection.ts';

export type PoolLimits = { upstreamConnections: number; upstreamKeepAliveMs: number; upstreamQueueMs: number };

export class Pool implements LaneOwner {
  readonly key: string;
  readonly #limits: PoolLimits;
  readonly #clock: () => number;
  #target: UpstreamTarget;
  #lanes: readonly Lane[] = [];
  /** Of addresses that are the upstream's no more, until their last request is over. */
  readonly #oldLanes = new Set<Lane>();
  /** In the order of their coming. */
  readonly #waiting = new Set<Attempt>();
  /** Reports whether anybody does: nearly never, and a look into a set costs more than this. */
  #isAwaited = false;
  readonly #dialling = new Set<Dialling>();
  /** Connections that allowed no request from their beginning on, and who waits until they do. Nearly always empty. */
  readonly #shut = new Map<Connection, Dialling>();
  #open = 0;
  /** Beside those: WebSockets, which no limit of requests counts. */
  #handedOut = 0;
  isRetired = false;

  constructor(target: UpstreamTarget, limits: PoolLimits, clock: () => number) {
    this.key = target.key;
    this.#target = target;
    this.#limits = limits;
    this.#clock = clock;
    this.#setLanes(target);
  }

  get target(): UpstreamTarget {
    return this.#target;
  }

  get lanes(): readonly Lane[] {
    return this.#lanes;
  }

  get isEmpty(): boolean {
    return this.#open === 0 && this.#dialling.size === 0 && this.#waiting.size === 0;
  }

  /** Reports whether it is the pool of that target; it is used as it is now from here on. */
  takes(target: UpstreamTarget): boolean {
    if (target === this.#target) return true;
    if (target.key !== this.key) return false;
    this.use(target);
    return true;
  }

  /** The same upstream as it is now: new addresses are used at once, those that are gone end with their last request (U6). */
  use(target: UpstreamTarget): void {
    const before = this.#target.endpoints;
    this.#target = target;
    const { endpoints } = target;
    if (endpoints === before) return;
    if (endpoints.length !== before.length || endpoints.some((each, at) => !isSame(each, before[at])))
      this.#setLanes(target);
  }

  /** Gives a request its connection, now or when there is one. */
  take(attempt: Attempt, now: number): void {
    const lane = this.#prefer(attempt, now);
    attempt.prefer(lane, now);
    // What went wrong on one connection that was kept may go wrong on the next one. Of HTTP/2 one is shared all the same where
    // no more are allowed: those with others' requests on them may not end for long.
    const isNew = attempt.isRetry && (this.#target.protocol === 'http/1.1' || this.#hasRoom);
    const connection = isNew ? null : lane.take(isRepeatable(attempt.request), now);
    if (connection !== null) {
      attempt.run(connection, lane, now);
      return;
    }
    attempt.waitsUntil = now + this.#limits.upstreamQueueMs;
    this.#waiting.add(attempt);
    this.#isAwaited = true;
    this.#dialFor(attempt);
  }

  /** It no longer waits. */
  forget(attempt: Attempt): void {
    if (!this.#stopsWaiting(attempt)) return;
    const { dial } = attempt;
    dial?.waiting.delete(attempt);
    // A connection that nobody waits for is worth keeping once it is there, but not worth trying for.
    if (dial?.waiting.size === 0 && !this.#isAwaited) dial.abort.abort();
  }

  /** For one opening handshake, past the queue and the limits of requests: nobody else uses the connection. */
  async connect(hash: number, signal: AbortSignal, isRetry: boolean): Promise<UpgradeConnection> {
    const startedAt = this.#clock();
    const preferred = this.#prefer({ hash, isRetry }, startedAt);
    const probe = preferred.began(startedAt);
    let isOver = false;
    const over = (): void => {
      if (!isOver) probe?.probeEnded();
      isOver = true;
    };
    signal.addEventListener('abort', over, { once: true });
    try {
      const { stream, endpoint } = await this.#reach(preferred, hash, startedAt, { protocol: 'http/1.1', signal });
      const judge = (fate: UpgradeFate): void => {
        if (!isOver && !this.#isOtherProtocol('http/1.1'))
          this.#laneOf(endpoint)?.judge(fate, this.#clock(), startedAt);
        over();
      };
      this.#handedOut += 1;
      stream.once('close', () => {
        this.#handedOut -= 1;
      });
      return { stream, judge };
    } catch (error) {
      over();
      throw error;
    }
  }

  /** Reports whether one may dial again. Whose time to connect is over waits as long once more only where another address is well. */
  mayDialAgain({ code }: Fault): boolean {
    if (code !== 'upstream-connect-timeout') return true;
    const now = this.#clock();
    return this.#lanes.some((lane) => lane.isUsable(now) && !lane.hasJustFailed);
  }

  sweep(now: number): void {
    for (const [connection, { waiting }] of this.#shut) if (waiting.size > 0) connection.idleSince = now;
    for (const lane of this.#lanes) lane.sweep(now, this.#limits.upstreamKeepAliveMs);
    for (const lane of this.#oldLanes) lane.sweep(now, 0);
    for (const attempt of this.#waiting) {
      if (attempt.waitsUntil > now) break;
      const since = attempt.waitsUntil - this.#limits.upstreamQueueMs;
      attempt.dial?.shut?.health.failed(now, since, 'upstream-timeout');
      attempt.overload('No connection to the app became free in time.');
    }
  }

  /** When a sweep has something to do that is not about a request: an idle connection was kept long enough. */
  dueAt(now: number): number {
    if (this.#waiting.size > 0 || this.#dialling.size > 0 || this.#oldLanes.size > 0) return now;
    let at = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes) at = Math.min(at, lane.dueAt(now, this.#limits.upstreamKeepAliveMs));
    return at;
  }

  /** Takes no new requests; what runs and waits goes on to its end. */
  retire(): void {
    this.isRetired = true;
    for (const lane of this.#lanes) if (lane.running === 0) lane.retire();
  }

  destroy(fault: Fault): void {
    this.isRetired = true;
    for (const attempt of [...this.#waiting]) attempt.refuse(fault, false);
    for (const { abort } of this.#dialling) abort.abort();
    for (const lane of [...this.#lanes, ...this.#oldLanes]) lane.destroy();
  }

  view(now: number): { connections: number; waiting: number; endpoints: EndpointView[] } {
    const endpoints = this.#lanes.map((lane) => lane.view(now));
    return { connections: this.#open + this.#handedOut, waiting: this.#waiting.size, endpoints };
  }

  freed(lane: Lane, connection: Connection): void {
    const shut = this.#opened(connection);
    if (this.#isAwaited) this.#serve(lane, connection, shut);
    for (const attempt of shut?.waiting ?? []) attempt.dial = null;
    this.#rest(connection);
    if (this.isRetired && !this.#isAwaited && connection.running === 0) connection.retire();
    else lane.list(connection);
    // Those who still wait prefer other addresses, and this connection may have to give way to them.
    if (this.#isAwaited) this.#dialForOthers();
  }

  gone(lane: Lane, connection: Connection): void {
    this.#open -= 1;
    if (lane.size === 0) this.#oldLanes.delete(lane);
    const shut = this.#opened(connection);
    if (shut !== null && shut.waiting.size > 0 && this.#lanes.includes(lane)) this.#leftUnused(shut, lane);
    else for (const attempt of shut?.waiting ?? []) attempt.dial = null;
    this.#dialForOthers();
  }

  #setLanes({ endpoints }: UpstreamTarget): void {
    const known = new Map(this.#lanes.map((lane) => [lane.key, lane]));
    const now = this.#clock();
    this.#lanes = endpoints.map((each) => known.get(endpointKey(each)) ?? new Lane(each, this, now));
    for (const lane of known.values()) {
      if (this.#lanes.includes(lane)) continue;
      if (lane.size > 0) this.#oldLanes.add(lane);
      lane.retire();
    }
    for (const attempt of this.#waiting) {
      if (attempt.lane !== null && !this.#lanes.includes(attempt.lane)) attempt.prefer(this.#prefer(attempt, now), now);
    }
  }

  /** The endpoints that take requests, the ones that a key prefers first. */
  #order(hash: number): Lane[] {
    return this.#usable(this.#clock()).sort((a, b) => score(hash, b.hash) - score(hash, a.hash));
  }

  /** Never none: when no endpoint is well, every one is tried (U8). */
  #usable(now: number): Lane[] {
    const well = this.#lanes.filter((lane) => lane.isUsable(now));
    return well.length > 0 ? well : [...this.#lanes];
  }

  /** The hash is asked for where there is a choice. A retry leaves the one that failed, which may be its first choice for long. */
  #prefer(chooser: { readonly hash: number; readonly isRetry: boolean }, now: number): Lane {
    let lanes = this.#lanes;
    if (lanes.length === 1) return lanes[0] as Lane;
    if (chooser.isRetry) {
      const others = lanes.filter((lane) => lane.isUsable(now) && !lane.hasJustFailed);
      if (others.length > 0) lanes = others;
    }
    const { hash } = chooser;
    let best: Lane | null = null;
    for (const lane of lanes) {
      if (!lane.isUsable(now)) continue;
      if (best === null || score(hash, lane.hash) > score(hash, best.hash)) best = lane;
    }
    return best ?? (this.#order(hash)[0] as Lane);
  }

  #dialFor(attempt: Attempt): void {
    const isShared = this.#target.protocol === 'h2';
    // One more connection would be allowed as little.
    for (const dial of this.#shut.values()) if (dial.shut === attempt.lane) return join(attempt, dial);
    for (const dial of isShared ? this.#dialling : []) {
      if (dial.lane !== attempt.lane || dial.waiting.size === 0 || dial.waiting.size >= STREAMS_AT_FIRST) continue;
      return join(attempt, dial);
    }
    // Making room may already have led to a connection for this one.
    if (!this.#makeRoom() || attempt.dial !== null) return;
    const dial: Dialling = { lane: attempt.lane, waiting: new Set(), abort: new AbortController(), shut: null };
    join(attempt, dial);
    this.#dialling.add(dial);
    void this.#dial(dial, attempt);
  }

  get #hasRoom(): boolean {
    return this.#open + this.#dialling.size < this.#limits.upstreamConnections;
  }

  /** Reports whether one more connection is allowed; an idle one gives way to it, of another address or too old for the request. */
  #makeRoom(): boolean {
    if (this.#hasRoom) return true;
    return this.#lanes.some((lane) => lane.endOneIdle());
  }

  /** Some wait who have no connection on its way: there may be room for one now. */
  #dialForOthers(): void {
    for (const attempt of this.#waiting) {
      if (attempt.dial !== null) continue;
      this.#dialFor(attempt);
      if (attempt.dial === null) return;
    }
  }

  async #dial(dial: Dialling, attempt: Attempt): Promise<void> {
    const { signal } = dial.abort;
    let lane: Lane | null = null;
    const owner: ConnectionOwner = {
      freed: (connection) => lane?.freed(connection),
      gone: (connection) => lane?.gone(connection),
    };
    try {
      const { connection, endpoint } = await this.#connection(attempt.lane, attempt.hash, owner, signal);
      lane = this.#laneOf(endpoint);
      this.#landed(dial, connection, lane);
    } catch (error) {
      this.#lost(dial, asFault(error));
    }
  }

  /** Where TLS or HTTP/2 fails at one address, another one that is not known to be ill is tried: nothing was sent yet. */
  async #connection(
    preferred: Lane | null,
    hash: number,
    owner: ConnectionOwner,
    signal: AbortSignal,
    isSecond = false,
  ): Promise<{ connection: Connection; endpoint: Endpoint }> {
    const startedAt = this.#clock();
    let reached: Endpoint | null = null;
    try {
      const { stream, endpoint, leftMs } = await this.#reach(preferred, hash, startedAt, { signal });
      reached = endpoint;
      const isShared = this.#target.protocol === 'h2';
      const connection = isShared
        ? await UpstreamHttp2Connection.open(stream, owner, leftMs, signal)
        : new UpstreamHttp1Connection(stream, owner);
      return { connection, endpoint };
    } catch (error) {
      const now = this.#clock();
      // It was reached, and spoke no HTTP/2.
      if (reached !== null && !signal.aborted)
        this.#laneOf(reached)?.health.failed(now, startedAt, asFault(error).code);
      const isOther = this.#lanes.some((lane) => lane !== preferred && lane.isUsable(now) && !lane.hasJustFailed);
      if (isSecond || signal.aborted || !isOther) throw error;
      return this.#connection(null, hash, owner, signal, true);
    }
  }

  /** What fails on the way counts against its address. */
  #reach(preferred: Lane | null, hash: number, startedAt: number, options: ConnectOptions): Promise<Connected> {
    const others = this.#order(hash)
      .filter((lane) => lane !== preferred)
      .sort((a, b) => Number(a.hasJustFailed) - Number(b.hasJustFailed));
    const order = [...(preferred ? [preferred] : []), ...others].map(({ endpoint }) => endpoint);
    const onFailed = (each: Endpoint, why: string): void => {
      if (this.#isOtherProtocol(options.protocol) && why.startsWith('upstream-tls')) return;
      this.#laneOf(each)?.health.failed(this.#clock(), startedAt, why);
    };
    return this.#target.connect(order, { ...options, onFailed });
  }

  /** A server of HTTP/2 that has no HTTP/1.1, or a poor one, serves requests all the same: then handshakes say nothing of it. */
  #isOtherProtocol(protocol: UpstreamProtocol | undefined): boolean {
    return protocol !== undefined && protocol !== this.#target.protocol;
  }

  /** `lane` null: the address is the upstream's no more, and who waited gets another connection. */
  #landed(dial: Dialling, connection: Connection, lane: Lane | null): void {
    this.#dialling.delete(dial);
    if (lane === null || (this.isRetired && dial.waiting.size === 0)) connection.destroy();
    else if (connection.isGone) this.#leftUnused(dial, lane);
    else {
      this.#open += 1;
      lane.add(connection);
      // RFC 9113 §6.5.2: a server may allow no stream for a while. Its next SETTINGS says more; another connection does not.
      if (connection.room === 0) {
        dial.shut = lane;
        this.#shut.set(connection, dial);
      }
      this.#serve(lane, connection, dial);
      this.#rest(connection);
      lane.list(connection);
    }
    if (dial.shut === null) for (const attempt of dial.waiting) attempt.dial = null;
    this.#dialForOthers();
  }

  /** It is not waited for any more until it allows a request: it does now, or is gone. Returns who waited. */
  #opened(connection: Connection): Dialling | null {
    if (this.#shut.size === 0) return null;
    const dial = this.#shut.get(connection) ?? null;
    this.#shut.delete(connection);
    return dial;
  }

  /** The far end closed a connection before it took a request: dialling on and on would give the same. */
  #leftUnused(dial: Dialling, lane: Lane): void {
    const now = this.#clock();
    lane.health.failed(now, now, 'upstream-closed');
    this.#lost(dial, new Fault('upstream-closed', { detail: 'The connection was closed before it took a request.' }));
  }

  #lost(dial: Dialling, fault: Fault): void {
    this.#dialling.delete(dial);
    const again = this.mayDialAgain(fault);
    for (const attempt of [...dial.waiting]) attempt.refuse(fault, again);
    this.#dialForOthers();
  }

  /** Those it was dialled for come first, then those who prefer its address. */
  #serve(lane: Lane, connection: Connection, dial: Dialling | null): void {
    while (connection.room > 0) {
      const attempt = this.#nextFor(lane, dial);
      if (attempt === null) return;
      this.#stopsWaiting(attempt);
      attempt.dial?.waiting.delete(attempt);
      attempt.run(connection, lane, this.#clock());
    }
  }

  #stopsWaiting(attempt: Attempt): boolean {
    if (!this.#isAwaited || !this.#waiting.delete(attempt)) return false;
    this.#isAwaited = this.#waiting.size > 0;
    return true;
  }

  #rest(connection: Connection): void {
    if (connection.running === 0 && connection.idleSince === 0) connection.idleSince = this.#clock();
  }

  #nextFor(lane: Lane, dial: Dialling | null): Attempt | null {
    for (const attempt of dial?.waiting ?? []) return attempt;
    for (const attempt of this.#waiting) if (attempt.lane === lane) return attempt;
    return null;
  }

  #laneOf(endpoint: { address: string; port: number }): Lane | null {
    return this.#lanes.find((lane) => isSame(lane.endpoint, endpoint)) ?? null;
  }
}

function join(attempt: Attempt, dial: Dialling): void {
  dial.waiting.add(attempt);
  attempt.dial = dial;
}

type Place = { address: string; port: number };

function isSame(a: Place, b: Place | undefined): boolean {
  return b !== undefined && a.address === b.address && a.port === b.port;
}
