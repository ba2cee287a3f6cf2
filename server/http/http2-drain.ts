// Lets an HTTP/2 connection go while its gateway drains: by a GOAWAY in a quiet moment, and never in the middle of a stream.
import type { ServerHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { lingeringClose } from './lingering-close.ts';

/**
 * How quickly draining lets go of connections that ask for nothing. `idleMs`: one that began no request for so long is ended.
 * `patienceMs`: an HTTP/2 connection that always begins another is told to stop after this; HTTP/1.1 says it with each answer.
 */
export type DrainPace = { idleMs: number; patienceMs: number };

/** The HTTP/2 connections of a gateway. */
export class Http2Sessions {
  readonly #sockets = new Map<ServerHttp2Session, TLSSocket>();
  #pace: DrainPace | null = null;

  add(session: ServerHttp2Session, socket: TLSSocket): void {
    this.#sockets.set(session, socket);
    session.once('close', () => this.#sockets.delete(session));
    // Its handshake was under way when the draining began.
    if (this.#pace) this.#letGo(session, socket, this.#pace);
  }

  /** Called again, only the pace is another one. */
  drain(pace: DrainPace): void {
    const isFirst = this.#pace === null;
    this.#pace = pace;
    if (isFirst) for (const [session, socket] of this.#sockets) this.#letGo(session, socket, pace);
  }

  /**
   * RFC 9113 §6.8 has a first GOAWAY with the largest id, and the real one a round trip later. nghttp2, as Node drives it, takes
   * its first GOAWAY for the real one and ignores every later stream, so there is one, said while nothing is likely to be on its
   * way. What crosses it all the same is above its last stream id: the client knows that nobody has seen it, and asks elsewhere.
   */
  #letGo(session: ServerHttp2Session, socket: TLSSocket, firstPace: DrainPace): void {
    const startedAt = performance.now();
    let lastAt = startedAt;
    session.on('stream', () => {
      lastAt = performance.now();
    });
    const look = () => {
      const { idleMs, patienceMs } = this.#pace ?? firstPace;
      const now = performance.now();
      if (!session.closed && (now - lastAt >= idleMs || now - startedAt >= patienceMs)) session.close();
      // Its last stream has ended and it has said so: what the client still sends is read, for a moment, and thrown away.
      if (!session.destroyed) return;
      clearInterval(looking);
      lingeringClose(socket);
    };
    // After what has arrived was read: a stream that is here already is not to be ignored.
    const looking = setInterval(() => setImmediate(look), LOOK_MS);
    session.once('close', () => clearInterval(looking));
  }
}

const LOOK_MS = 100;
