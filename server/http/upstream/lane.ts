// The connections of a pool to one checked address, the ones with room on a stack, and how the address has done.
import type { Endpoint } from '#server/core/app.ts';
import { hashText } from './choose.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import { EndpointHealth } from './ejection.ts';
import type { EndpointView } from './upstream.ts';

export function endpointKey({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

/** What the pool hears. */
export type LaneOwner = {
  freed(lane: Lane, connection: Connection): void;
  gone(lane: Lane): void;
};

export class Lane implements ConnectionOwner {
  readonly endpoint: Endpoint;
  readonly key: string;
  /** For the choice between lanes. */
  readonly hash: number;
  readonly health: EndpointHealth;
  readonly #owner: LaneOwner;
  readonly #open = new Set<Connection>();
  /** Those with room, the one used last on top: the others may go idle and end. */
  readonly #ready: Connection[] = [];
  #isRetired = false;

  constructor(endpoint: Endpoint, owner: LaneOwner, now: number) {
    this.endpoint = endpoint;
    this.key = endpointKey(endpoint);
    this.hash = hashText(this.key);
    this.health = new EndpointHealth(now);
    this.#owner = owner;
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
  take(): Connection | null {
    for (;;) {
      const top = this.#ready[this.#ready.length - 1];
      if (top === undefined) return null;
      if (top.room > 1) return top;
      this.#ready.pop();
      top.isListed = false;
      if (top.room === 1) return top;
    }
  }

  /** Puts a connection that has room on the stack. */
  list(connection: Connection): void {
    if (connection.isListed || connection.room === 0) return;
    connection.isListed = true;
    this.#ready.push(connection);
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
      else if (connection.idleSince === 0) connection.idleSince = now;
      else if (now - connection.idleSince >= keepAliveMs) connection.retire();
    }
  }

  /** Ends the connection that has been idle the longest. Returns false when none is idle. */
  endOneIdle(): boolean {
    const idle = this.#ready.find((connection) => connection.running === 0);
    idle?.retire();
    return idle !== undefined;
  }

  freed(connection: Connection): void {
    if (this.#isRetired) connection.retire();
    else this.#owner.freed(this, connection);
  }

  gone(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    if (connection.isListed) this.#ready.splice(this.#ready.lastIndexOf(connection), 1);
    connection.isListed = false;
    this.#owner.gone(this);
  }

  view(now: number): EndpointView {
    return { ...this.endpoint, ...this.health.state(now), lastFailure: this.health.lastFailure };
  }
}
