// Joins two WebSocket byte streams with backpressure, and ends them with a Close frame between frames.
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { closeFrame, FrameCounter, pingFrame } from './websocket-frames.ts';

export type Joined = {
  /** Ends both sides: a Close frame where the stream allows one, and a hard end after `graceMs`. */
  close(code: number, reason: string): void;
};

export type JoinOptions = {
  pingMs: number;
  /** Passed on in either direction. */
  onBytes(toBrowser: number, toUpstream: number): void;
  /** The browser sent data, which somebody or something at it did; an answer to our Ping is none. */
  onActivity(): void;
};

/** How long a side may take to finish its frame and answer a Close before its socket is destroyed. */
const GRACE_MS = 500;
const MAX_MISSED_PINGS = 2;
/** How long an app whose browser is gone may take what was on its way to it, and end. */
const LAST_BYTES_MS = 5_000;

export function joinWebSockets(browser: Duplex, upstream: Duplex, options: JoinOptions): Joined {
  const toBrowser = new Direction(upstream, browser, null, (bytes) => options.onBytes(bytes, 0));
  const toUpstream = new Direction(
    browser,
    upstream,
    () => randomBytes(4),
    (bytes, dataFrames) => {
      options.onBytes(0, bytes);
      if (browser.writable) missed = stuck = 0;
      if (dataFrames > 0) options.onActivity();
    },
  );
  let missed = 0;
  /** Pings that could not be sent, in the middle of a frame of which nothing was taken, or to a side that has ended. */
  let stuck = 0;
  const ping = setInterval(() => {
    if (missed === MAX_MISSED_PINGS || stuck === MAX_MISSED_PINGS) end();
    else if (toBrowser.insert(pingFrame())) missed += 1;
    else if (browser.writableNeedDrain || !browser.writable) stuck += 1;
  }, options.pingMs);
  ping.unref();
  browser.on('drain', () => {
    stuck = 0;
  });

  const end = (): void => {
    clearInterval(ping);
    browser.destroy();
    upstream.destroy();
  };
  const closed = (other: Duplex): void => {
    if (other.destroyed) clearInterval(ping);
    else finish(other);
  };
  browser.on('error', end);
  upstream.on('error', end);
  browser.once('close', () => {
    closed(upstream);
    if (!upstream.destroyed) setTimeout(end, LAST_BYTES_MS).unref();
  });
  upstream.once('close', () => closed(browser));
  return {
    close: (code, reason) => {
      toBrowser.close(code, reason);
      toUpstream.close(code, reason);
      setTimeout(end, GRACE_MS).unref();
    },
  };
}

/** Nothing more is for it but what is on its way; what it still says is read, since unread bytes would become a reset (RFC 9112 §9.6). */
function finish(side: Duplex): void {
  side.end();
  side.resume();
}

/** One direction. Bytes pass unchanged; frames of ours go in only where a frame of theirs has ended. */
class Direction {
  readonly #from: Duplex;
  readonly #to: Duplex;
  readonly #maskKey: (() => Buffer) | null;
  readonly #frames = new FrameCounter();
  #closing: { code: number; reason: string } | null = null;
  #pending: Buffer | null = null;

  constructor(
    from: Duplex,
    to: Duplex,
    maskKey: (() => Buffer) | null,
    onPassed: (bytes: number, dataFrames: number) => void,
  ) {
    this.#from = from;
    this.#to = to;
    this.#maskKey = maskKey;
    from.on('data', (chunk: Buffer) => {
      // It has had its last frame, of theirs or of ours.
      if (!to.writable) return;
      const before = this.#frames.dataFrames;
      this.#pass(chunk);
      onPassed(chunk.length, this.#frames.dataFrames - before);
    });
    from.once('end', () => finish(to));
    to.on('drain', () => from.resume());
    // Both were paused while there was nobody to take what they say.
    from.resume();
  }

  /** Sends a frame of ours, and reports whether it could be now: else behind the frame under way, where none waits already. */
  insert(frame: Buffer): boolean {
    if (this.#closing || !this.#to.writable) return false;
    const { atBoundary } = this.#frames;
    if (atBoundary) this.#to.write(frame);
    else this.#pending ??= frame;
    return atBoundary;
  }

  close(code: number, reason: string): void {
    if (this.#closing || !this.#to.writable) return;
    this.#closing = { code, reason };
    if (this.#frames.atBoundary) this.#finish();
  }

  #pass(chunk: Buffer): void {
    const boundary = this.#frames.push(chunk);
    if (this.#closing && boundary !== -1) {
      this.#to.write(chunk.subarray(0, boundary));
      this.#finish();
      return;
    }
    if (this.#pending && boundary !== -1) {
      this.#to.write(chunk.subarray(0, boundary));
      this.#to.write(this.#pending);
      this.#pending = null;
      chunk = chunk.subarray(boundary);
      if (chunk.length === 0) return;
    }
    if (!this.#to.write(chunk)) this.#from.pause();
  }

  #finish(): void {
    if (!this.#closing) return;
    this.#to.end(closeFrame(this.#closing.code, this.#closing.reason, this.#maskKey?.() ?? null));
  }
}
