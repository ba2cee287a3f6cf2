// One request and the way to answer it, the same for HTTP/1.1 and HTTP/2.
import type { Readable, Writable } from 'node:stream';
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
  /** Sends the head (flat header list) and gives the stream for the body. Called once. */
  respond(status: number, headers: string[]): Writable;
  /** Sends the head now, although no byte of the body is there yet. */
  flush(): void;
  /** Ends without completing: the browser must see a broken message, never a whole one. */
  abort(): void;
  /** True once a response head was sent. */
  readonly responded: boolean;
  readonly closed: boolean;
  /** Called once, when the response is finished or the client is gone; at once when that has happened. */
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
