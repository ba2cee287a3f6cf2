// The connections of a pool to one checked address, the ones with room on a stack, and how the address has done.
import type { Endpoint } from '#server/core/app.ts';
import { hashText } from './choose.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import { EndpointHealth, isEndpointsFault, saysUnwell } from './ejection.ts';
import type { EndpointView, UpgradeFate } from './upstream.ts';

/**
 * A request that may not be sent twice takes no connection that was idle for longer: servers close idle ones after 2 s
 * (gunicorn) or 5 s (Node, Apache, uvicorn), and one that crosses the close would be lost. Where much is sent, most connections
 * were used a moment ago.
 */
const FRESH_MS = 1_000;

export function endpointKey({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

/** What the pool hears. */
export type LaneOwner = {
  freed(lane: Lane, connection: Connection): void;
  gone(lane: Lane, connection: Connection): void;
};

export class Lane implements ConnectionOwner {
  readonly endpoint: Endpoint;
  readonly key: string;
  /** For the choice between lanes. */
  readonly hash: number;
  readonly #owner: LaneOwner;
  readonly #open = new Set<Connection>();
  /** Of those with room, the one used last; the others lie below it, and may go idle and end. */
  #top: Connection | null = null;
  readonly #bornAt: number;
  /** From the first bad news on. */
  #health: EndpointHealth | null = null;
  #isRetired = false;

  constructor(endpoint: Endpoint, owner: LaneOwner, now: number) {
    this.endpoint = endpoint;
    this.key = endpointKey(endpoint);
    this.hash = hashText(this.key);
    this.#bornAt = now;
    this.#owner = owner;
  }

  /** For who has bad news, or asks after them. */
  get health(): EndpointHealth {
    this.#health ??= new EndpointHealth(this.#bornAt);
    return this.#health;
  }

  isUsable(now: number): boolean {
    return this.#health === null || this.#health.isUsable(now);
  }

  get hasJustFailed(): boolean {
    return this.#health?.hasJustFailed === true;
  }

  /** A request goes there. Returns what has to be told of its end when it is the one that tries it after an ejection. */
  began(now: number): EndpointHealth | null {
    return this.#health?.began(now) ? this.#health : null;
  }

  /** An answer that is no failure came to a request of `startedAt`. */
  succeeded(startedAt: number): void {
    this.#health?.succeeded(startedAt, startedAt);
  }

  /** Its health check has ended. */
  unchecked(now: number): void {
    this.#health?.unchecked(now);
  }

  get size(): number {
    return this.#open.size;
  }

  get running(): number {
    let running = 0;
    for (const connection of this.#open) running += connection.running;
    return running;
  }

  add(connection: Connection): void {
    this.#open.add(connection);
  }

  /** A connection with room, to be used at once; null when there is none. */
  take(isRepeatable: boolean, now: number): Connection | null {
    for (;;) {
      const top = this.#top;
      if (top === null) return null;
      const idleMs = top.running > 0 ? 0 : now - top.idleSince;
      // Those below are older.
      if (idleMs >= FRESH_MS && !isRepeatable) return null;
      if (idleMs >= top.keptMs) {
        top.retire();
        continue;
      }
      const { room } = top;
      if (room > 1) return top;
      this.#unlist(top);
      if (room === 1) return top;
    }
  }

  /** Puts a connection that has room on the stack. */
  list(connection: Connection): void {
    if (connection.isListed || connection.room === 0) return;
    connection.isListed = true;
    connection.below = this.#top;
    this.#top = connection;
  }

  /** Its address is none of the upstream's any more: it ends with its last request. */
  retire(): void {
    this.#isRetired = true;
    for (const connection of [...this.#open]) connection.retire();
  }

  destroy(): void {
    this.#isRetired = true;
    for (const connection of [...this.#open]) connection.destroy();
  }

  sweep(now: number, keepAliveMs: number): void {
    for (const connection of this.#open) {
      if (connection.running > 0) connection.sweep(now);
      else if (now - connection.idleSince >= Math.min(keepAliveMs, connection.keptMs)) connection.retire();
    }
  }

  /** When the first idle connection was kept long enough; one that runs a request may be idle from now on. */
  dueAt(now: number, keepAliveMs: number): number {
    let at = Number.POSITIVE_INFINITY;
    for (const { idleSince, keptMs, running } of this.#open)
      at = Math.min(at, (running > 0 ? now : idleSince) + Math.min(keepAliveMs, keptMs));
    return at;
  }

  /** Ends the connection that has been idle the longest. Returns false when none is idle. */
  endOneIdle(): boolean {
    let idle: Connection | null = null;
    for (let each = this.#top; each !== null; each = each.below) if (each.running === 0) idle = each;
    idle?.retire();
    return idle !== null;
  }

  freed(connection: Connection): void {
    if (this.#isRetired) connection.retire();
    else this.#owner.freed(this, connection);
  }

  gone(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    if (connection.isListed) this.#unlist(connection);
    this.#owner.gone(this, connection);
  }

  /** What came of an opening handshake that began at `startedAt`. */
  judge(fate: UpgradeFate, now: number, startedAt: number): void {
    if (fate.kind === 'failed') {
      if (isEndpointsFault(fate.code)) this.health.failed(now, startedAt, fate.code);
    } else if (saysUnwell(fate.status)) this.health.failed(now, startedAt, `status ${fate.status}`);
    else this.succeeded(startedAt);
  }

  #unlist(connection: Connection): void {
    if (this.#top === connection) this.#top = connection.below;
    else {
      let above = this.#top;
      while (above !== null && above.below !== connection) above = above.below;
      if (above !== null) above.below = connection.below;
    }
    connection.isListed = false;
    connection.below = null;
  }

  view(now: number): EndpointView {
    return { ...this.endpoint, ...this.health.state(now), lastFailure: this.health.lastFailure };
  }
}
