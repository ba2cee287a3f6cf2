// One app's upstreams: its share of requests at once, its retries, and a pool for each of its routes.
import type { App, Endpoint } from '#server/core/app.ts';
import type { Fault } from '#server/core/fault.ts';
import type { Limits } from '../limits.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import { hashText } from './choose.ts';
import { Concurrency, type ConcurrencyLimits } from './concurrency.ts';
import { HealthCheck } from './health-check.ts';
import { Pool } from './pool.ts';
import { RetryBudget } from './retry-budget.ts';
import type {
  Dispatched,
  DispatchOptions,
  UpstreamHandler,
  UpstreamOwner,
  UpstreamRequest,
  UpstreamTarget,
  UpstreamView,
} from './upstream.ts';

/** What is known of an app's endpoints is kept for this long after its last request, and so long its health check goes on. */
const REMEMBERED_MS = 10 * 60_000;

type Route = { pool: Pool; check: HealthCheck };

export class AppUpstreams implements AttemptOwner {
  readonly #id: string;
  readonly #limits: Limits;
  readonly clock: () => number;
  readonly #routes = new Map<number, Route>();
  /** Replaced by a pool of another identity, until their last request is over. */
  readonly #old = new Set<Pool>();
  readonly #concurrency: Concurrency<Turn>;
  readonly #budget = new RetryBudget();
  #app: App | null = null;
  #usedAt = 0;

  constructor(id: string, limits: Limits, clock: () => number) {
    this.#id = id;
    this.#limits = limits;
    this.clock = clock;
    this.#concurrency = new Concurrency(concurrencyOf(null, limits));
  }

  dispatch(
    owner: UpstreamOwner,
    target: UpstreamTarget,
    request: UpstreamRequest,
    handler: UpstreamHandler,
    options: DispatchOptions,
  ): Dispatched {
    if (owner !== 'portal' && owner.app !== this.#app) this.#adopt(owner.app);
    const { check, pool } = this.#route(routeOf(owner), target);
    const now = this.clock();
    this.#usedAt = now;
    check.host = request.headers[1] ?? '';
    if (options.isRetry !== true) this.#budget.requested();
    const turn = new Turn(pool, request, handler, options, this);
    const place = this.#concurrency.enter(turn, now);
    if (place === 'run') turn.start(now);
    else if (place === 'full') turn.overload('Too many requests to the app at once.');
    return turn;
  }

  order(owner: UpstreamOwner, target: UpstreamTarget, stickyKey: string | null): readonly Endpoint[] {
    const { pool } = this.#route(routeOf(owner), target);
    this.#usedAt = this.clock();
    return pool.order(hashText(stickyKey ?? '')).map(({ endpoint }) => endpoint);
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
    if (next === null) return;
    // Its pool may have been replaced while it waited, and has to be looked after again.
    if (next.pool.isRetired) this.#old.add(next.pool);
    next.start(this.clock());
  }

  mayTryAgain(): boolean {
    return this.#budget.take();
  }

  sweep(now: number): void {
    for (const turn of this.#concurrency.expired(now)) turn.overload('The turn of the request did not come in time.');
    for (const { pool, check } of this.#routes.values()) {
      pool.sweep(now);
      check.sweep(now);
    }
    for (const pool of this.#old) {
      pool.sweep(now);
      if (pool.isEmpty) this.#old.delete(pool);
    }
  }

  /** Nothing runs, and what is known of the endpoints is no news any more. */
  isForgettable(now: number): boolean {
    if (now - this.#usedAt < REMEMBERED_MS && this.#routes.size > 0) return false;
    if (this.#concurrency.running > 0 || this.#old.size > 0) return false;
    for (const { pool } of this.#routes.values()) if (!pool.isEmpty) return false;
    for (const { check } of this.#routes.values()) check.stop();
    return true;
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
    for (const { pool, check } of this.#routes.values()) {
      check.stop();
      pool.destroy(fault);
    }
    for (const pool of this.#old) pool.destroy(fault);
    this.#routes.clear();
    this.#old.clear();
  }

  view(): UpstreamView[] {
    const now = this.clock();
    return [...this.#routes].map(([route, { pool }]) => ({
      owner: this.#id,
      route,
      protocol: pool.target.protocol,
      running: pool.lanes.reduce((sum, lane) => sum + lane.running, 0),
      ...pool.view(now),
    }));
  }

  /** The catalogue has a newer version of the app. */
  #adopt(app: App): void {
    this.#app = app;
    this.#concurrency.limits = concurrencyOf(app, this.#limits);
    for (const { check } of this.#routes.values()) check.settings = app.traffic.healthCheck;
  }

  /** Where a route's requests go: another pool when its identity has changed (invariant 4 of TLS identities). */
  #route(route: number, target: UpstreamTarget): Route {
    const known = this.#routes.get(route);
    if (known !== undefined && known.pool.key === target.key) {
      if (known.pool.target !== target) known.pool.use(target);
      return known;
    }
    if (known !== undefined) this.#replace(known);
    const pool = new Pool(target, this.#limits, this.clock);
    const check = new HealthCheck(pool, this.clock);
    check.settings = this.#app?.traffic.healthCheck ?? null;
    this.#routes.set(route, { pool, check });
    return { pool, check };
  }

  #replace({ pool, check }: Route): void {
    check.stop();
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

function routeOf(owner: UpstreamOwner): number {
  return owner === 'portal' ? -1 : owner.route;
}

function concurrencyOf(app: App | null, limits: Limits): ConcurrencyLimits {
  const own = app?.traffic.concurrency;
  return {
    app: own?.app ?? limits.upstreamRequests,
    person: own?.person ?? limits.upstreamRequestsPerPerson,
    queue: limits.upstreamTurns,
    waitMs: limits.upstreamTurnMs,
  };
}
