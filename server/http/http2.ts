// HTTP/2 on the browser side: every connection, the moment at which all of them write, and the one clock that looks at them.
import type { TLSSocket } from 'node:tls';
import { Http2Connection, type Http2Host } from './http2-connection.ts';
import type { Front } from './listen.ts';
import { FrameWriter } from './wire/frame-writer.ts';

const MAX_SWEEP_MS = 1_000;

export class Http2Server implements Http2Host {
  readonly front: Front;
  readonly writer = new FrameWriter();
  nowMs = performance.now();
  isDraining = false;
  /** Streams that are open now; streams that ended in a reset, and connections that were told to calm down, since the start. */
  streams = 0;
  resets = 0;
  floods = 0;
  readonly #connections = new Set<Http2Connection>();
  readonly #sweeping: NodeJS.Timeout;
  /** Those that have something to write when what is here by now has been read. */
  #talking: Http2Connection[] = [];

  constructor(front: Front) {
    this.front = front;
    const { headersTimeoutMs, keepAliveMs } = front.limits;
    const everyMs = Math.min(MAX_SWEEP_MS, headersTimeoutMs / 4, keepAliveMs / 4);
    // After what has arrived was read: a request that is here already is not to meet a closing connection.
    this.#sweeping = setInterval(() => setImmediate(() => this.#sweep()), everyMs);
    this.#sweeping.unref();
  }

  /** Takes over a TLS connection that chose `h2`. */
  serve(socket: TLSSocket): void {
    this.#connections.add(new Http2Connection(this, socket));
  }

  forget(connection: Http2Connection): void {
    this.#connections.delete(connection);
  }

  /** Behind all reading: what several upstreams answer in one moment is one write to a browser. */
  soon(connection: Http2Connection): void {
    if (this.#talking.push(connection) === 1) setImmediate(this.#flush);
  }

  /** Every connection is told to begin nothing more, and goes when it has its answers. */
  drain(): void {
    this.isDraining = true;
    for (const connection of this.#connections) connection.drain();
  }

  /** Connections that wait for a request, in no order. */
  idle(): Http2Connection[] {
    return [...this.#connections].filter((connection) => connection.isIdle);
  }

  stop(): void {
    clearInterval(this.#sweeping);
  }

  #flush = (): void => {
    const talking = this.#talking;
    this.#talking = [];
    let at = 0;
    try {
      for (; at < talking.length; at += 1) talking[at]?.flush();
    } finally {
      // A bug in one is not to silence the others, which end what they began.
      for (const connection of talking.slice(at + 1)) this.soon(connection);
    }
  };

  #sweep(): void {
    this.nowMs = performance.now();
    for (const connection of this.#connections) connection.sweep(this.nowMs);
  }
}
