// Connections to upstreams: one pool per app and checked address, never shared between apps or TLS identities.
import type { Duplex } from 'node:stream';
import { type Dispatcher, Pool } from 'undici';
import type { Limits } from './limits.ts';

type Entry = { key: string; pool: Pool };

// undici only needs some http origin: the connector decides where a connection goes, our header list says the Host.
const ORIGIN = 'http://upstream.invalid';

export class UpstreamPools {
  readonly #limits: Limits;
  readonly #byOwner = new Map<string, Entry>();
  readonly #requests = new Map<string, number>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * The pool of `owner` (an app id, or the portal). When `key` has changed, the addresses or the TLS identity have: a new
   * pool takes over, and the old one ends with its last request.
   */
  get(owner: string, key: string, connect: () => Promise<Duplex>): Dispatcher {
    const entry = this.#byOwner.get(owner);
    if (entry?.key === key) return entry.pool;
    entry?.pool.close().catch(() => entry.pool.destroy());
    const pool = this.#open(connect);
    this.#byOwner.set(owner, { key, pool });
    return pool;
  }

  /** Takes a place among an owner's requests, to be given back once; null when there is none left. */
  enter(owner: string): (() => void) | null {
    const count = this.#requests.get(owner) ?? 0;
    if (count >= this.#limits.upstreamRequests) return null;
    this.#requests.set(owner, count + 1);
    return () => {
      const left = (this.#requests.get(owner) ?? 1) - 1;
      if (left > 0) this.#requests.set(owner, left);
      else this.#requests.delete(owner);
    };
  }

  /** Ends the pools of owners that are gone. */
  retain(isCurrent: (owner: string) => boolean): void {
    for (const [owner, { pool }] of this.#byOwner) {
      if (isCurrent(owner)) continue;
      this.#byOwner.delete(owner);
      pool.close().catch(() => pool.destroy());
    }
  }

  async destroy(): Promise<void> {
    const pools = [...this.#byOwner.values()].map(({ pool }) => pool.destroy());
    this.#byOwner.clear();
    await Promise.all(pools);
  }

  #open(connect: () => Promise<Duplex>): Pool {
    return new Pool(ORIGIN, {
      connections: this.#limits.upstreamConnections,
      pipelining: 1,
      keepAliveTimeout: this.#limits.upstreamKeepAliveMs,
      keepAliveMaxTimeout: this.#limits.upstreamKeepAliveMs,
      headersTimeout: this.#limits.upstreamHeadersTimeoutMs,
      bodyTimeout: 0,
      maxHeaderSize: 64 * 1024,
      allowH2: false,
      connect: (_options, callback) => {
        connect().then(
          (socket) => {
            socket.prependListener('error', (error: Error & { bytesRead?: number }) => {
              if ('bytesRead' in socket && typeof socket.bytesRead === 'number') error.bytesRead = socket.bytesRead;
            });
            callback(null, socket as never);
          },
          (error: Error) => callback(error, null),
        );
      },
    });
  }
}
