// HTTP/1.1 on the browser side: every connection, and the one clock that lets go of those that keep it waiting.
import type { Socket } from 'node:net';
import { Http1Connection, type Http1Host } from './http1-connection.ts';
import type { Front } from './listen.ts';

const MAX_SWEEP_MS = 1_000;

export class Http1Server implements Http1Host {
  readonly front: Front;
  nowMs = performance.now();
  drainIdleMs: number | null = null;
  readonly #connections = new Set<Http1Connection>();
  readonly #sweeping: NodeJS.Timeout;

  constructor(front: Front) {
    this.front = front;
    const everyMs = Math.min(MAX_SWEEP_MS, front.limits.headersTimeoutMs / 4, front.limits.keepAliveMs / 4);
    // After what has arrived was read: a request that is here already is not to meet a closing connection.
    this.#sweeping = setInterval(() => setImmediate(() => this.#sweep()), everyMs);
    this.#sweeping.unref();
  }

  get size(): number {
    return this.#connections.size;
  }

  serve(socket: Socket): void {
    this.#connections.add(new Http1Connection(this, socket));
  }

  forget(connection: Http1Connection): void {
    this.#connections.delete(connection);
  }

  /** From now on every answer is its connection's last, and connections that wait for a request this long are let go. */
  drain(idleMs: number): void {
    this.drainIdleMs = idleMs;
  }

  /** Connections that wait for a request, in no order. */
  idle(): Http1Connection[] {
    return [...this.#connections].filter((connection) => connection.idleMs(this.nowMs) > 0);
  }

  stop(): void {
    clearInterval(this.#sweeping);
  }

  #sweep(): void {
    this.nowMs = performance.now();
    for (const connection of this.#connections) connection.sweep(this.nowMs);
  }
}
