// One request to an upstream, as the gateway sees it: the same for HTTP/1.1 and HTTP/2, whatever connection carries it.
import type { Duplex, Readable } from 'node:stream';
import type { App, Endpoint, UpstreamProtocol } from '#server/core/app.ts';
import type { Fault, FaultCode } from '#server/core/fault.ts';
import type { RouteUpstream } from './app-upstreams.ts';

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
  /**
   * From the last byte of the request to the end of the final answer's head. A body that is still on its way is a part of the
   * request: while the client keeps us waiting for it, no time passes here.
   */
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

/**
 * `again`: nothing of an answer came, and another connection may well do: a dial that failed, or a reused connection's end.
 * `isBlameless`: it says nothing of its endpoint: a reused connection's end, or one that another request has told of.
 */
export type UpstreamFailure = { fault: Fault; again: boolean; isBlameless?: boolean };

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

/** Where an upstream is right now. Every endpoint passed its site's check. */
export type UpstreamTarget = {
  /** Equal exactly when the far end has to prove the same identity to the same of ours: addresses are no part of it. */
  key: string;
  protocol: UpstreamProtocol;
  /** In the order in which an upstream without history is tried (RFC 8305 §4). Never empty. */
  endpoints: readonly Endpoint[];
  /**
   * Races connections to some of `endpoints`, the first of them with a head start, TLS included. Rejects with a Fault. The
   * stream has an error listener, and is paused until somebody reads.
   */
  connect(order: readonly Endpoint[], options?: ConnectOptions): Promise<Connected>;
};

export type ConnectOptions = {
  /** In place of the target's own: a WebSocket handshake takes HTTP/1.1. */
  protocol?: UpstreamProtocol;
  signal?: AbortSignal;
  /** Called for each endpoint that refused, reset or let itself be overtaken; `why` is a fault's code. */
  onFailed?(endpoint: Endpoint, why: string): void;
};

/** `leftMs`: of the time to connect, which the greeting of HTTP/2 is a part of. */
export type Connected = { stream: Duplex; endpoint: Endpoint; leftMs: number };

/** `judge` is told once what came of the handshake, which says how the endpoint does; not for a client that is gone. */
export type UpgradeConnection = { stream: Duplex; judge(fate: UpgradeFate): void };

export type UpgradeFate = { kind: 'answered'; status: number } | { kind: 'failed'; code: FaultCode };

/**
 * Whose connections carry a request. `route` is the place in `app.traffic.routes`, -1 for the app's own upstream. `kept` is
 * for the client of upstreams: where it found this owner's connections last.
 */
export type AppOwner = { readonly app: App; readonly route: number; kept?: RouteUpstream | null };
export type UpstreamOwner = AppOwner | 'portal';

export type DispatchOptions = {
  /** Whose request it is, for the limit per person; null counts for the app alone. */
  person: string | null;
  /** Requests of one key keep to one endpoint while it is well; a session's id. Null: no preference. */
  stickyKey: string | null;
  /**
   * The second attempt after a failure with `again`: it takes a new connection, to an endpoint that has not just failed where
   * there is one, and is not counted twice.
   */
  isRetry?: boolean;
};

/** `signal`: the client is gone, whether before the handshake or hours after it; until then its WebSocket counts. */
export type UpgradeOptions = { person: string; stickyKey: string; signal: AbortSignal };

/** The client of upstreams: `UpstreamPools` is the one. */
export type UpstreamClient = {
  /**
   * Sends one request as soon as limits and connections allow. The handler may be called before this returns, `failed`
   * included (`overloaded` when the queue is full). With `again` the request may be dispatched once more: it is safe and
   * without a body, was no retry, and the budget is already counted in.
   */
  dispatch(
    owner: UpstreamOwner,
    target: UpstreamTarget,
    request: UpstreamRequest,
    handler: UpstreamHandler,
    options: DispatchOptions,
  ): Dispatched;
  /**
   * A connection for one opening handshake alone, to the endpoint that a request of this key would take, and to another one
   * when that fails. Rejects with a Fault, `overloaded` where the person or all together have as many WebSockets to the app as
   * they may.
   */
  connect(owner: UpstreamOwner, target: UpstreamTarget, options: UpgradeOptions): Promise<UpgradeConnection>;
  /**
   * Begins an upstream's health check before its first request, where its app has one, and keeps it going without any, for ten
   * minutes from here. `host`: what it sends as long as no request has said another.
   */
  keepChecking(owner: AppOwner, target: UpstreamTarget, host: string): void;
  /** The catalogue's apps as they are now, by id: what changed counts without waiting for their next request. */
  adopt(apps: ReadonlyMap<string, App>): void;
  /** Lets go of owners that are no more: their connections end with the last request. */
  retain(isCurrent: (owner: string, route: number) => boolean): void;
  /** Cuts everything. */
  destroy(): void;
  view(): UpstreamView[];
};

/** For metrics and for admins. */
export type UpstreamView = {
  /** An app's id, or `portal`. */
  owner: string;
  route: number;
  protocol: UpstreamProtocol;
  /** Those of WebSockets too. */
  connections: number;
  running: number;
  /** For a connection, or for their turn. */
  waiting: number;
  endpoints: EndpointView[];
};

export type EndpointView = Endpoint & {
  /** `ejected`: real traffic failed. `probing`: its time is over, one request tries it. `failing`: the health check says so. */
  state: 'well' | 'ejected' | 'probing' | 'failing';
  /** Of this state, epoch milliseconds. */
  since: number;
  lastFailure: { why: string; at: number } | null;
};
