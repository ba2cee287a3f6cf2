// What a pool knows of a connection to an upstream, whichever protocol it speaks.
import type { UpstreamHandler, UpstreamRequest } from './upstream.ts';

export type Connection = {
  /** Requests that it can take right now. */
  readonly room: number;
  readonly running: number;
  /** It takes no more requests, and the owner was told. */
  readonly isGone: boolean;
  /** Since when nothing runs on it, said by the pool; 0 until it was said. Tells nothing while something runs. */
  idleSince: number;
  /** How long the far end keeps it idle, as far as it said so, milliseconds; else Infinity. */
  readonly keptMs: number;
  /** For the lane that keeps it: it is on the stack of those with room, and which one lies below it there. */
  isListed: boolean;
  below: Connection | null;
  /** Only while there is room. */
  run(request: UpstreamRequest, handler: UpstreamHandler, now: number): void;
  /** Ends what is overdue. Deadlines are as exact as this is called. */
  sweep(now: number): void;
  /** Takes no more requests, and ends when the running ones have. */
  retire(): void;
  /** Ends it now; what runs on it fails. */
  destroy(): void;
};

/** Who hears from a connection. */
export type ConnectionOwner = {
  /** It has more room than before. */
  freed(connection: Connection): void;
  /** It takes no more requests. Called once. */
  gone(connection: Connection): void;
};

/** A response head may have these; browsers get what an app says, so there is more room than for requests. */
const ANSWER_HEAD_BYTES = 64 * 1024;
const ANSWER_HEAD_LINES = 400;
export const ANSWER_HEAD_LIMITS = { headerBytes: ANSWER_HEAD_BYTES, headerLines: ANSWER_HEAD_LINES };

/** Interim answers to one request. An upstream that sends more talks to itself. */
export const MAX_INTERIM_ANSWERS = 100;

/** Event streams may be silent for as long as they like. */
export function isEventStream(headers: readonly string[]): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === 12 && name.toLowerCase() === 'content-type')
      return /^text\/event-stream(?![^\s;])/i.test(headers[i + 1] as string);
  }
  return false;
}

/**
 * What Content-Length says of a request that we are about to send; null without one. -1 where the list contradicts itself or
 * the framing that is ours to choose: such a request would be read in two ways.
 */
export function declaredLength(headers: readonly string[]): number | null {
  let length: number | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      const value = headers[i + 1] as string;
      if (length !== null || !/^[0-9]{1,15}$/.test(value)) return -1;
      length = Number(value);
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') return -1;
  }
  return length;
}
