// How much an HTTP/2 connection may ask beside requests: pure counts, the time is an argument.
import type { Limits } from './limits.ts';

/** Fills by itself up to `burst`, and goes below zero when more is taken than there is. */
export class Bucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #at: number;

  constructor(burst: number, perSecond: number, nowMs: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
    this.#at = nowMs;
  }

  /** Takes, and says how it stands: `over` is taken twice as much as there was. */
  take(count: number, nowMs: number): Standing {
    this.#left = Math.min(this.#burst, this.#left + ((nowMs - this.#at) / 1_000) * this.#perSecond) - count;
    this.#at = nowMs;
    if (this.#left >= 0) return 'enough';
    return this.#left < -this.#burst ? 'over' : 'short';
  }

  give(count: number): void {
    this.#left = Math.min(this.#burst, this.#left + count);
  }
}

export type Standing = 'enough' | 'short' | 'over';

/** Bytes of frames that carry nothing for an app: what may come of them at once, and in a second of the long run. */
const BARE_BYTES_AT_ONCE = 64 * 1024;
const BARE_BYTES_PER_SECOND = 16 * 1024;
/** PING frames are clients' to send, now and then; each costs an answer. */
const PING_BURST = 1_000;
const PINGS_PER_SECOND = 100;
/** SETTINGS may change a table or every window, and none changes often. */
const PINGS_PER_SETTINGS = 10;
/** A byte of a body pays for itself and for two of the frame around it. */
const PAID_BY_A_BODY_BYTE = 3;
/** Two updates of windows, for the stream and the connection, may follow each frame of an answer; and more a long one. */
const GIVEN_FOR_A_FRAME = 32;
const GIVEN_FOR_A_BYTE = 1 / 64;

/** What one connection has spent. Each of its frames is counted for what it is (R2, R4). */
export class Http2Budget {
  readonly #resets: Bucket;
  readonly #pings: Bucket;
  readonly #bare: Bucket;

  constructor({ streamResetBurst, streamResetsPerSecond }: Limits, nowMs: number) {
    this.#resets = new Bucket(streamResetBurst, streamResetsPerSecond, nowMs);
    this.#pings = new Bucket(PING_BURST, PINGS_PER_SECOND, nowMs);
    this.#bare = new Bucket(BARE_BYTES_AT_ONCE, BARE_BYTES_PER_SECOND, nowMs);
  }

  /** A stream that the client gave up, or made us give up (CVE-2023-44487, CVE-2025-8671). */
  reset(nowMs: number): Standing {
    return this.#resets.take(1, nowMs);
  }

  /** A part of a frame with body: its bytes on the wire, and those of the body. */
  body(wireBytes: number, bodyBytes: number, nowMs: number): Standing {
    const owed = wireBytes - bodyBytes * PAID_BY_A_BODY_BYTE;
    return owed <= 0 ? 'enough' : this.#bare.take(owed, nowMs);
  }

  ping(wireBytes: number, nowMs: number): Standing {
    return worse(this.#pings.take(1, nowMs), this.#bare.take(wireBytes, nowMs));
  }

  settings(wireBytes: number, nowMs: number): Standing {
    return worse(this.#pings.take(PINGS_PER_SETTINGS, nowMs), this.#bare.take(wireBytes, nowMs));
  }

  /** Every other frame that carries nothing for an app. */
  bare(wireBytes: number, nowMs: number): Standing {
    return this.#bare.take(wireBytes, nowMs);
  }

  /** A frame of an answer's body has been sent. */
  answered(bodyBytes: number): void {
    this.#bare.give(GIVEN_FOR_A_FRAME + bodyBytes * GIVEN_FOR_A_BYTE);
    // Clients that measure their line send one for each frame of an answer, as gRPC does.
    this.#pings.give(1);
  }
}

function worse(one: Standing, other: Standing): Standing {
  if (one === 'over' || other === 'over') return 'over';
  return one === 'short' || other === 'short' ? 'short' : 'enough';
}
