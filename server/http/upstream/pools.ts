// The client of upstreams: connections and limits of every app, never shared between two of them.

import type { App } from '#server/core/app.ts';
import { Fault } from '#server/core/fault.ts';
import type { Limits } from '../limits.ts';
import { Agenda } from './agenda.ts';
import { AppUpstreams, type RouteUpstream } from './app-upstreams.ts';
import type { ConcurrencyLimits } from './concurrency.ts';
import type {
  AppOwner,
  Dispatched,
  DispatchOptions,
  UpgradeConnection,
  UpgradeOptions,
  UpstreamClient,
  UpstreamHandler,
  UpstreamOwner,
  UpstreamRequest,
  UpstreamTarget,
  UpstreamView,
} from './upstream.ts';

/** How exact deadlines are. One timer for everything: a timer for each request costs more than looking at what runs now and then. */
const SWEEP_MS = 250;

/** Epoch milliseconds that never go back, whatever happens to the clock on the wall. */
function steadyClock(): number {
  return performance.timeOrigin + performance.now();
}

export class UpstreamPools implements UpstreamClient {
  readonly #limits: Limits;
  readonly #clock: () => number;
  /** Of an app that says nothing else. */
  readonly #share: ConcurrencyLimits;
  readonly #byOwner = new Map<string, AppUpstreams>();
  /** Where a request runs or a health check goes on: looked at with every sweep. */
  readonly #busy = new Set<AppUpstreams>();
  /** Everybody, by when something of theirs is due: thousands of idle apps are not looked at four times a second. */
  readonly #agenda: Agenda<AppUpstreams>;
  #sweeping: NodeJS.Timeout | null = null;

  /** `clock`: milliseconds that never go back. */
  constructor(limits: Limits, clock: () => number = steadyClock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#share = {
      app: limits.upstreamRequests,
      person: limits.upstreamRequestsPerPerson,
      queue: limits.upstreamTurns,
      waitMs: limits.upstreamTurnMs,
    };
    this.#agenda = new Agenda(SWEEP_MS, clock());
  }

  dispatch(
    owner: UpstreamOwner,
    target: UpstreamTarget,
    request: UpstreamRequest,
    handler: UpstreamHandler,
    options: DispatchOptions,
  ): Dispatched {
    const route = this.#routeOf(owner, target);
    return route.upstreams.dispatch(route, owner === 'portal' ? null : owner.app, request, handler, options);
  }

  connect(owner: UpstreamOwner, target: UpstreamTarget, options: UpgradeOptions): Promise<UpgradeConnection> {
    const route = this.#routeOf(owner, target);
    return route.upstreams.connect(route, options);
  }

  keepChecking(owner: AppOwner, target: UpstreamTarget, host: string): void {
    const route = this.#routeOf(owner, target);
    route.upstreams.keepChecking(route, owner.app, host);
  }

  adopt(apps: ReadonlyMap<string, App>): void {
    for (const [owner, upstreams] of this.#byOwner) {
      const app = apps.get(owner);
      if (app !== undefined) upstreams.adopt(app);
    }
  }

  retain(isCurrent: (owner: string, route: number) => boolean): void {
    for (const [owner, upstreams] of this.#byOwner) upstreams.retain((route) => isCurrent(owner, route));
  }

  destroy(): void {
    if (this.#sweeping !== null) clearInterval(this.#sweeping);
    this.#sweeping = null;
    const fault = new Fault('unavailable', { detail: 'The gateway stops.' });
    for (const upstreams of this.#byOwner.values()) upstreams.destroy(fault);
    this.#byOwner.clear();
    this.#busy.clear();
  }

  view(): UpstreamView[] {
    return [...this.#byOwner.values()].flatMap((upstreams) => upstreams.view());
  }

  /** An owner that comes again is not looked up: with thousands of apps that costs more than sending its request. */
  #routeOf(owner: UpstreamOwner, target: UpstreamTarget): RouteUpstream {
    if (owner === 'portal') return this.#of('portal').route(-1, target);
    const { kept } = owner;
    if (kept?.isCurrent && kept.pool.takes(target)) return kept;
    owner.kept = this.#of(owner.app.id).route(owner.route, target);
    return owner.kept;
  }

  #of(id: string): AppUpstreams {
    const known = this.#byOwner.get(id);
    if (known !== undefined) return known;
    const upstreams = new AppUpstreams(id, this.#limits, this.#clock, this.#busy, this.#share);
    this.#byOwner.set(id, upstreams);
    this.#agenda.add(upstreams, this.#clock());
    this.#sweeping ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    return upstreams;
  }

  #sweep(): void {
    const now = this.#clock();
    for (const upstreams of this.#busy) upstreams.sweep(now);
    for (const upstreams of this.#agenda.due(now)) {
      if (this.#byOwner.get(upstreams.id) !== upstreams) continue;
      upstreams.sweep(now);
      if (upstreams.isForgettable(now)) this.#byOwner.delete(upstreams.id);
      else this.#agenda.add(upstreams, upstreams.dueAt(now));
    }
    if (this.#byOwner.size > 0 || this.#sweeping === null) return;
    clearInterval(this.#sweeping);
    this.#sweeping = null;
  }
}
