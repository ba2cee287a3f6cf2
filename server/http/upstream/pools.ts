// The client of upstreams: connections and limits of every app, never shared between two of them.

import type { Endpoint } from '#server/core/app.ts';
import { Fault } from '#server/core/fault.ts';
import type { Limits } from '../limits.ts';
import { AppUpstreams } from './app-upstreams.ts';
import type {
  Dispatched,
  DispatchOptions,
  UpstreamClient,
  UpstreamHandler,
  UpstreamOwner,
  UpstreamRequest,
  UpstreamTarget,
  UpstreamView,
} from './upstream.ts';

/** How exact deadlines are. One timer for everything: a timer for each request costs more than looking at them all now and then. */
const SWEEP_MS = 250;

/** Epoch milliseconds that never go back, whatever happens to the clock on the wall. */
export function steadyClock(): number {
  return performance.timeOrigin + performance.now();
}

export class UpstreamPools implements UpstreamClient {
  readonly #limits: Limits;
  readonly #clock: () => number;
  readonly #byOwner = new Map<string, AppUpstreams>();
  #sweeping: NodeJS.Timeout | null = null;

  /** `clock`: milliseconds that never go back. */
  constructor(limits: Limits, clock: () => number = steadyClock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  dispatch(
    owner: UpstreamOwner,
    target: UpstreamTarget,
    request: UpstreamRequest,
    handler: UpstreamHandler,
    options: DispatchOptions,
  ): Dispatched {
    return this.#of(owner).dispatch(owner, target, request, handler, options);
  }

  order(owner: UpstreamOwner, target: UpstreamTarget, stickyKey: string | null): readonly Endpoint[] {
    return this.#of(owner).order(owner, target, stickyKey);
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
  }

  view(): UpstreamView[] {
    return [...this.#byOwner.values()].flatMap((upstreams) => upstreams.view());
  }

  #of(owner: UpstreamOwner): AppUpstreams {
    const id = owner === 'portal' ? 'portal' : owner.app.id;
    const known = this.#byOwner.get(id);
    if (known !== undefined) return known;
    const upstreams = new AppUpstreams(id, this.#limits, this.#clock);
    this.#byOwner.set(id, upstreams);
    this.#sweeping ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    return upstreams;
  }

  #sweep(): void {
    const now = this.#clock();
    for (const [owner, upstreams] of this.#byOwner) {
      upstreams.sweep(now);
      if (upstreams.isForgettable(now)) this.#byOwner.delete(owner);
    }
    if (this.#byOwner.size > 0 || this.#sweeping === null) return;
    clearInterval(this.#sweeping);
    this.#sweeping = null;
  }
}
