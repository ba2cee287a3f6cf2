// One request and the way to answer it, the same for HTTP/1.1 and HTTP/2.
import type { Readable } from 'node:stream';
import type { Hostname } from '#server/core/hostname.ts';

/** The head of a request after `listen`: valid, canonical, and without any reserved header. */
export type RequestHead = {
  /** Finds the access line and the audit event. Sent as `Foyer-Support-Id`. */
  supportId: string;
  protocol: 'HTTP/1.1' | 'HTTP/2';
  /** As the browser sees it, also behind a listed proxy. */
  scheme: 'http' | 'https';
  method: string;
  /** Origin-form path and query, byte for byte. */
  target: string;
  hostname: Hostname;
  /** Flat list of names and values as they arrived; may hold duplicates. */
  headers: readonly string[];
  clientAddress: string;
  receivedAt: number;
};

export type Exchange = RequestHead & {
  /** Null when the request has no body. Flows only when it is read. */
  body: Readable | null;
  /** Sends `100 Continue` when the client waits for it. */
  allowBody(): void;
  /** Sends a 1xx answer other than 100 and 101 (RFC 9110 §15.2), where the client's protocol has them. */
  inform(status: number, headers: readonly string[]): void;
  /**
   * Sets the final head (flat header list, no hop-by-hop header). It leaves with the first byte of the body, with `flush`, or
   * with the end. Called once. The body's framing is the protocol's business; `Content-Length` says its length where known.
   * `isWhole`: neither body nor trailers follow. HTTP/2 says so in the head itself, which gRPC reads as an error without a
   * message.
   */
  respond(status: number, headers: readonly string[], isWhole?: boolean): void;
  /** Sends a piece of the body. False: there is no room, go on after `onDrain`. */
  write(piece: Buffer): boolean;
  /** Sends the head now, although no byte of the body is there yet. */
  flush(): void;
  /** Completes the answer. `trailers` go where the client takes them. */
  end(trailers?: readonly string[]): void;
  /** Takes a head back that has not left yet, so that another one can be said; reports whether it could. */
  takeBack(): boolean;
  /** Ends without completing: the browser must see a broken message, never a whole one. */
  abort(): void;
  /** Called each time there is room again after a `write` said no. One listener. */
  onDrain(listener: () => void): void;
  /** Reports whether the client takes trailers (RFC 9110 §6.5.1). */
  readonly takesTrailers: boolean;
  /** True once there is a final head. */
  readonly responded: boolean;
  readonly closed: boolean;
  /** Called once, when the answer has been taken or the client is gone; at once when that has happened. */
  onClosed(listener: () => void): void;
  /** After this response the connection takes no more requests. */
  closeAfter(): void;
};

/** What the access line says beyond the head. Filled along the path. */
export type Outcome = {
  status: number;
  /** Of the answer's body, as sent. */
  bytes: number;
  /** Of the request's body, as read. */
  received: number;
  /** From the dispatch to the first byte of the upstream's answer; null when none came. */
  upstreamMs: number | null;
  retries: number;
  /** The W3C trace id of what went to the upstream; null when nothing did. */
  trace: string | null;
  appId: string | null;
  userId: string | null;
  reason: string;
};
