// One app's upstreams: its share of requests and WebSockets at once, its retries, and a pool for each of its routes.
import type { App } from '#server/core/app.ts';
import { asFault, Fault } from '#server/core/fault.ts';
import type { Limits } from '../limits.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import { hashText } from './choose.ts';
import { Concurrency, type ConcurrencyLimits, type Waiter } from './concurrency.ts';
import { HealthCheck } from './health-check.ts';
import { Pool } from './pool.ts';
import { isRepeatable, RetryBudget } from './retry-budget.ts';
import type {
  Dispatched,
  DispatchOptions,
  UpgradeConnection,
  UpgradeOptions,
  UpstreamHandler,
  UpstreamRequest,
  UpstreamTarget,
  UpstreamView,
} from './upstream.ts';

/** What is known of an app's endpoints is kept for this long after its last use, and so long its health check goes on. */
const REMEMBERED_MS = 10 * 60_000;

/** One route's pool. `check`: where the app has one. Once it is no longer current, the route's requests go elsewhere. */
export type RouteUpstream = {
  readonly upstreams: AppUpstreams;
  readonly pool: Pool;
  check: HealthCheck | null;
  isCurrent: boolean;
};

export class AppUpstreams implements AttemptOwner {
  readonly id: string;
  readonly #limits: Limits;
  readonly clock: () => number;
  readonly #routes = new Map<number, RouteUpstream>();
  /** Replaced by a pool of another identity, until their last request is over. */
  readonly #old = new Set<Pool>();
  readonly #concurrency: Concurrency<Turn>;
  readonly #share: ConcurrencyLimits;
  /** From the first one on. They stay for hours, so the places of requests are not theirs. */
  #webSockets: Concurrency<Waiter> | null = null;
  /** From the first retry on: nothing was taken of it before. */
  #budget: RetryBudget | null = null;
  /** Who has to be looked at with every sweep; this keeps itself among them while it has to be. */
  readonly #busy: Set<AppUpstreams>;
  #app: App | null = null;
  /** Since the last look at when something is due. */
  #wasUsed = true;
  #usedAt = 0;

  /** `share`: of an app that says nothing else. */
  constructor(id: string, limits: Limits, clock: () => number, busy: Set<AppUpstreams>, share: ConcurrencyLimits) {
    this.id = id;
    this.#limits = limits;
    this.clock = clock;
    this.#busy = busy;
    this.#share = share;
    this.#concurrency = new Concurrency(share);
  }

  dispatch(
    route: RouteUpstream,
    app: App | null,
    request: UpstreamRequest,
    handler: UpstreamHandler,
    options: DispatchOptions,
  ): Dispatched {
    if (app !== null) this.adopt(app);
    const now = this.clock();
    this.#wasUsed = true;
    if (route.check !== null) route.check.host = request.headers[1] ?? '';
    if (options.isRetry !== true) this.#budget?.requested();
    const turn = new Turn(route.pool, request, handler, options, this);
    const place = this.#concurrency.enter(turn, now);
    if (this.#concurrency.running === 1) this.#busy.add(this);
    if (place === 'run') turn.start(now);
    else if (place === 'full') turn.overload('Too many requests to the app at once.');
    return turn;
  }

  /** Counts as a use: what is known of the endpoints is kept. */
  keepChecking(route: RouteUpstream, app: App, host: string): void {
    this.adopt(app);
    this.#wasUsed = true;
    if (route.check !== null && route.check.host === '') route.check.host = host;
  }

  async connect({ pool }: RouteUpstream, { person, stickyKey, signal }: UpgradeOptions): Promise<UpgradeConnection> {
    this.#wasUsed = true;
    if (!signal.aborted) this.#holdWebSocket({ person }, signal);
    this.#budget?.requested();
    const hash = hashText(stickyKey);
    return pool.connect(hash, signal, false).catch((error: unknown) => {
      if (signal.aborted || pool.isRetired || !pool.mayDialAgain(asFault(error)) || !this.#takeRetry()) throw error;
      return pool.connect(hash, signal, true);
    });
  }

  /** Where a route's requests go: another pool when its identity has changed (invariant 4 of TLS identities). */
  route(route: number, target: UpstreamTarget): RouteUpstream {
    const known = this.#routes.get(route);
    if (known?.pool.takes(target)) return known;
    if (known !== undefined) this.#replace(known);
    const pool = new Pool(target, this.#limits, this.clock);
    const made: RouteUpstream = { upstreams: this, pool, check: null, isCurrent: true };
    this.#check(made);
    this.#routes.set(route, made);
    return made;
  }

  over(attempt: Attempt): void {
    const turn = attempt as Turn;
    if (!turn.hasPlace) {
      this.#concurrency.remove(turn);
      return;
    }
    turn.hasPlace = false;
    turn.pool.forget(turn);
    const next = this.#concurrency.leave(turn);
    if (next === null) return this.#rest();
    // Its pool may have been replaced while it waited, and has to be looked after again.
    if (next.pool.isRetired) this.#old.add(next.pool);
    next.start(this.clock());
  }

  mayTryAgain(attempt: Attempt): boolean {
    const { isRetry, pool, request } = attempt as Turn;
    return !isRetry && !pool.isRetired && isRepeatable(request) && this.#takeRetry();
  }

  sweep(now: number): void {
    for (const turn of this.#concurrency.expired(now)) turn.overload('The turn of the request did not come in time.');
    for (const { pool, check } of this.#routes.values()) {
      pool.sweep(now);
      check?.sweep(now);
    }
    for (const pool of this.#old) {
      pool.sweep(now);
      if (pool.isEmpty) this.#old.delete(pool);
    }
  }

  /** When there is something to look at beside requests that run: a connection that was kept long enough, or all of this. */
  dueAt(now: number): number {
    if (this.#wasUsed || this.#runs) this.#usedAt = now;
    this.#wasUsed = false;
    if (this.#old.size > 0) return now;
    // A connection that opens and goes idle after this look has to be found in its time.
    let at = Math.min(this.#usedAt + REMEMBERED_MS, now + this.#limits.upstreamKeepAliveMs);
    for (const { pool } of this.#routes.values()) at = Math.min(at, pool.dueAt(now));
    return at;
  }

  /** Nothing runs, and what is known of the endpoints is no news any more. */
  isForgettable(now: number): boolean {
    if (this.#routes.size > 0 && (this.#wasUsed || now - this.#usedAt < REMEMBERED_MS)) return false;
    if (this.#runs || this.#old.size > 0) return false;
    for (const { pool } of this.#routes.values()) if (!pool.isEmpty) return false;
    for (const route of this.#routes.values()) {
      route.check?.stop();
      route.isCurrent = false;
    }
    this.#busy.delete(this);
    return true;
  }

  /** The catalogue may have a newer version of the app. */
  adopt(app: App): void {
    if (app === this.#app) return;
    this.#app = app;
    const { app: inAll, person } = app.traffic.concurrency;
    const share = this.#share;
    this.#concurrency.limits =
      inAll === null && person === null ? share : { ...share, app: inAll ?? share.app, person: person ?? share.person };
    for (const route of this.#routes.values()) this.#check(route);
    this.#rest();
  }

  retain(isCurrent: (route: number) => boolean): void {
    for (const [route, known] of this.#routes) {
      if (isCurrent(route)) continue;
      this.#routes.delete(route);
      this.#replace(known);
    }
  }

  destroy(fault: Fault): void {
    for (const turn of this.#concurrency.expired(Number.POSITIVE_INFINITY)) turn.refuse(fault, false);
    for (const route of this.#routes.values()) {
      route.isCurrent = false;
      route.check?.stop();
      route.pool.destroy(fault);
    }
    for (const pool of this.#old) pool.destroy(fault);
    this.#routes.clear();
    this.#old.clear();
  }

  view(): UpstreamView[] {
    const now = this.clock();
    return [...this.#routes].map(([route, { pool }]) => {
      const { waiting, ...seen } = pool.view(now);
      return {
        owner: this.id,
        route,
        protocol: pool.target.protocol,
        running: pool.lanes.reduce((sum, lane) => sum + lane.running, 0),
        waiting: waiting + this.#concurrency.waitingWhere((turn) => turn.pool === pool),
        ...seen,
      };
    });
  }

  get #runs(): boolean {
    return this.#concurrency.running > 0 || (this.#webSockets?.running ?? 0) > 0;
  }

  /** Of the budget: what is not sent again takes nothing of it. */
  #takeRetry(): boolean {
    this.#budget ??= new RetryBudget();
    return this.#budget.take();
  }

  /** Its place is held until its browser is gone; nobody waits for one. */
  #holdWebSocket(waiter: Waiter, signal: AbortSignal): void {
    const { webSockets: app, webSocketsPerPerson: person } = this.#limits;
    this.#webSockets ??= new Concurrency({ app, person, queue: 0, waitMs: 0 });
    if (this.#webSockets.enter(waiter, this.clock()) !== 'run')
      throw new Fault('overloaded', { detail: 'Too many WebSockets to the app at once.' });
    signal.addEventListener('abort', () => this.#webSockets?.leave(waiter), { once: true });
  }

  /** Begins, changes or ends the route's health check as the app has it now. */
  #check(route: RouteUpstream): void {
    const settings = this.#app?.enabled ? this.#app.traffic.healthCheck : null;
    if (settings !== null) {
      route.check ??= new HealthCheck(route.pool, this.clock);
      this.#busy.add(this);
    }
    if (route.check === null) return;
    route.check.settings = settings;
    if (settings === null) for (const lane of route.pool.lanes) lane.unchecked(this.clock());
  }

  /** Nothing runs: only a health check is looked at all the time. */
  #rest(): void {
    if (this.#concurrency.running > 0) return;
    for (const { check } of this.#routes.values()) if (check !== null && check.settings !== null) return;
    this.#busy.delete(this);
  }

  #replace(route: RouteUpstream): void {
    const { check, pool } = route;
    route.isCurrent = false;
    check?.stop();
    pool.retire();
    if (!pool.isEmpty) this.#old.add(pool);
  }
}

/** An attempt that may have to wait until it may run at all. */
class Turn extends Attempt {
  readonly pool: Pool;
  hasPlace = false;

  constructor(
    pool: Pool,
    request: UpstreamRequest,
    handler: UpstreamHandler,
    options: DispatchOptions,
    owner: AttemptOwner,
  ) {
    super(request, handler, options, owner);
    this.pool = pool;
  }

  /** It holds a place from here on. */
  start(now: number): void {
    this.hasPlace = true;
    this.pool.take(this, now);
  }
}
