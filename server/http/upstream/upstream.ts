// One request to an upstream, as the gateway sees it: the same for HTTP/1.1 and HTTP/2, whatever connection carries it.
import type { Readable } from 'node:stream';
import type { Fault } from '#server/core/fault.ts';

export type UpstreamRequest = {
  method: string;
  /** Origin-form path and query, byte for byte. */
  target: string;
  /**
   * Flat list of names and values, `Host` first, no hop-by-hop header. `Content-Length` is there when the client sent one; a
   * body without it goes chunked (RFC 9112 §7.1). `TE: trailers` is there when the client takes trailers.
   */
  headers: readonly string[];
  /** Null when the request has no body. Flows only when it is read. */
  body: Readable | null;
  /** Milliseconds; null never ends. */
  timeouts: UpstreamTimeouts;
};

export type UpstreamTimeouts = {
  /** From the last byte of the request's head to the first of the final answer's. */
  headers: number | null;
  /** How long an answer's body may stand still while we would take more. Event streams are exempt. */
  idle: number | null;
};

/** What happens to a request, in this order: carried, informed*, answered, data*, then ended; or failed at any point. */
export type UpstreamHandler = {
  /** A connection carries it from here on: the client may be asked for its body. */
  carried(carrier: UpstreamStream): void;
  /** A 1xx answer other than 101 (RFC 9110 §15.2). `100` is not passed: the gateway gave its own. */
  informed(status: number, headers: string[]): void;
  /** The final head: 200 to 599, names as they came. `length`: of the body, null when only its end tells, 0 when there is none. */
  answered(status: number, headers: string[], length: number | null): void;
  /** `chunk` may be kept. */
  data(chunk: Buffer): void;
  /** The message is complete. `trailers` as they came, null without any. */
  ended(trailers: string[] | null): void;
  /** Once, in place of `ended`. After `abort` it is not called. */
  failed(fault: UpstreamFailure): void;
};

/** `again`: nothing of an answer came, and another connection may well do: a dial that failed, or a reused connection's end. */
export type UpstreamFailure = { fault: Fault; again: boolean };

/** A request's place on the connection that carries it. */
export type UpstreamStream = {
  /** Takes no more of the answer until `resume`; what was read already still comes. */
  pause(): void;
  resume(): void;
  /** Ends it now. On HTTP/1.1 the connection goes with it, on HTTP/2 the stream alone. */
  abort(): void;
};

/** A request that waits or runs. `cancel` is for a client that is gone: nothing of the handler is called any more. */
export type Dispatched = { cancel(): void };
