// Every limit of the browser side, its unit and its default, in one place.

export type Limits = {
  headerBytes: number;
  headerLines: number;
  /** A connection that has not sent a whole request head by then is closed. */
  headersTimeoutMs: number;
  tlsHandshakeTimeoutMs: number;
  /** A request body that moves less than `requestBodyMinBytes` in this time is given up with 408. */
  requestBodyIdleMs: number;
  requestBodyMinBytes: number;
  /** A browser that takes nothing of a response for this long is let go. */
  responseStallMs: number;
  /** An idle connection is kept this long. */
  keepAliveMs: number;
  connections: number;
  /** Per client address; listed proxies are exempt. */
  connectionsPerAddress: number;
  /** Open requests of one HTTP/2 connection. */
  streams: number;
  handshakeBodyBytes: number;
  upstreamHeadersTimeoutMs: number;
  /** A response body that stands still for this long is cut; event streams and upgrades are exempt. */
  upstreamBodyIdleMs: number;
  upstreamKeepAliveMs: number;
  /** Open connections to one app's upstream. */
  upstreamConnections: number;
  /** Requests to one app that run or wait for a connection; one more is told to come back. */
  upstreamRequests: number;
  /** A request that got no connection to its upstream by then is told to come back. */
  upstreamQueueMs: number;
  webSocketPingMs: number;
  drainMs: number;
};

export const DEFAULT_LIMITS: Limits = {
  headerBytes: 16 * 1024,
  headerLines: 100,
  headersTimeoutMs: 10_000,
  tlsHandshakeTimeoutMs: 10_000,
  requestBodyIdleMs: 60_000,
  requestBodyMinBytes: 1_024,
  responseStallMs: 5 * 60_000,
  keepAliveMs: 65_000,
  connections: 20_000,
  connectionsPerAddress: 2_000,
  streams: 100,
  handshakeBodyBytes: 32 * 1024,
  upstreamHeadersTimeoutMs: 60_000,
  upstreamBodyIdleMs: 5 * 60_000,
  upstreamKeepAliveMs: 8_000,
  upstreamConnections: 2_048,
  upstreamRequests: 4_096,
  upstreamQueueMs: 15_000,
  webSocketPingMs: 30_000,
  drainMs: 30_000,
};
