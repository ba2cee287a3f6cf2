// Every limit of the data plane that can be set, in one table: its default, its unit, its bounds, and what it does.

type Row = {
  unit: 'bytes' | 'ms' | 'count';
  value: number;
  min: number;
  max: number;
  /** For docs/limits.md: what happens to whom, in one sentence. */
  sentence: string;
};

const KB = 1_024;
const MB = 1_024 * KB;
const GB = 1_024 * MB;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const LIMITS = {
  headerBytes: {
    ...{ unit: 'bytes', value: 16 * KB, min: 4 * KB, max: 256 * KB },
    sentence: 'A request head may be this large; a larger one is answered 431.',
  },
  headerLines: {
    ...{ unit: 'count', value: 100, min: 20, max: 1_000 },
    sentence: 'A request head may have this many lines; one more is answered 431.',
  },
  headersTimeoutMs: {
    ...{ unit: 'ms', value: 10 * SECOND, min: 100, max: 5 * MINUTE },
    sentence: 'A connection that has not sent a whole request head by then is closed.',
  },
  tlsHandshakeTimeoutMs: {
    ...{ unit: 'ms', value: 10 * SECOND, min: 100, max: 2 * MINUTE },
    sentence: 'A TLS handshake that is not finished by then is closed.',
  },
  requestBodyIdleMs: {
    ...{ unit: 'ms', value: 60 * SECOND, min: SECOND, max: HOUR },
    sentence:
      'A request body that moves less than the next limit in this time, before its answer begins, is given up with 408.',
  },
  requestBodyMinBytes: {
    ...{ unit: 'bytes', value: KB, min: 1, max: MB },
    sentence: 'What a request body has to move in the time above.',
  },
  responseStallMs: {
    ...{ unit: 'ms', value: 5 * MINUTE, min: SECOND, max: 24 * HOUR },
    sentence: 'A browser that takes nothing of its answer for this long is let go.',
  },
  keepAliveMs: {
    ...{ unit: 'ms', value: 65 * SECOND, min: SECOND, max: HOUR },
    sentence: 'A connection without a request is kept this long.',
  },
  connections: {
    ...{ unit: 'count', value: 20_000, min: 10, max: 1_000_000 },
    sentence: 'Connections from browsers to one gateway process; one more is closed at once.',
  },
  connectionsPerAddress: {
    ...{ unit: 'count', value: 2_000, min: 1, max: 1_000_000 },
    sentence: 'The same from one client address, of IPv6 from one /64; listed proxies are exempt.',
  },
  streams: {
    ...{ unit: 'count', value: 100, min: 1, max: 1_000 },
    sentence:
      'Requests under way on one HTTP/2 connection, those that were cancelled and are still being undone included.',
  },
  streamResetBurst: {
    ...{ unit: 'count', value: 100, min: 1, max: 100_000 },
    sentence:
      'Requests that one HTTP/2 connection may cancel at once; then it is told to calm down, and takes no new ones.',
  },
  streamResetsPerSecond: {
    ...{ unit: 'count', value: 10, min: 1, max: 10_000 },
    sentence: 'What it may cancel in the long run.',
  },
  streamWindowBytes: {
    ...{ unit: 'bytes', value: 256 * KB, min: 64 * KB, max: 16 * MB },
    sentence: 'What one upload over HTTP/2 may send before its app has taken it.',
  },
  connectionWindowBytes: {
    ...{ unit: 'bytes', value: MB, min: 64 * KB, max: 64 * MB },
    sentence:
      'The same of all uploads on one connection, once half of `FOYER_LIMIT_HTTP2_MEMORY_BYTES` waits for apps to take it; before that, one that an app does not take holds up no other.',
  },
  http2MemoryBytes: {
    ...{ unit: 'bytes', value: 10 * MB, min: MB, max: GB },
    sentence: 'What one HTTP/2 connection may hold in memory; beyond, it gets no new requests.',
  },
  handshakeBodyBytes: {
    ...{ unit: 'bytes', value: 32 * KB, min: 16 * KB, max: MB },
    sentence: 'The form that ends a sign-in; a larger one is answered 400.',
  },
  upstreamHeadersTimeoutMs: {
    ...{ unit: 'ms', value: 60 * SECOND, min: SECOND, max: 24 * HOUR },
    sentence: 'An app that has not begun to answer by then is given up with 504.',
  },
  upstreamBodyIdleMs: {
    ...{ unit: 'ms', value: 5 * MINUTE, min: SECOND, max: 24 * HOUR },
    sentence: 'An answer that stands still for this long is cut; event streams and WebSockets are exempt.',
  },
  upstreamKeepAliveMs: {
    ...{ unit: 'ms', value: 4 * SECOND, min: SECOND, max: HOUR },
    sentence:
      'A connection to an app is kept this long without a request; an answer’s `Keep-Alive: timeout` less a second, where that is shorter.',
  },
  upstreamConnections: {
    ...{ unit: 'count', value: 2_048, min: 1, max: 100_000 },
    sentence:
      'Connections of one gateway process to one app, those of each of its routes by themselves; WebSockets have a limit of their own.',
  },
  upstreamRequests: {
    ...{ unit: 'count', value: 4_096, min: 1, max: 100_000 },
    sentence: 'Requests to one app that run or wait for a connection in one gateway process; more wait for their turn.',
  },
  upstreamRequestsPerPerson: {
    ...{ unit: 'count', value: 256, min: 1, max: 100_000 },
    sentence: 'The same of one person to one app; an app’s own setting comes first.',
  },
  upstreamTurns: {
    ...{ unit: 'count', value: 64, min: 0, max: 10_000 },
    sentence: 'Requests to one app that wait for their turn, half of them one person’s; one more is answered 503.',
  },
  upstreamTurnMs: {
    ...{ unit: 'ms', value: 2 * SECOND, min: 0, max: MINUTE },
    sentence: 'A request whose turn has not come by then is answered 503.',
  },
  upstreamQueueMs: {
    ...{ unit: 'ms', value: 15 * SECOND, min: 10, max: 5 * MINUTE },
    sentence: 'A request that got no connection to its app by then is answered 503.',
  },
  webSockets: {
    ...{ unit: 'count', value: 10_000, min: 1, max: 1_000_000 },
    sentence: 'WebSockets to one app that are open or being opened in one gateway process; one more is answered 503.',
  },
  webSocketsPerPerson: {
    ...{ unit: 'count', value: 256, min: 1, max: 1_000_000 },
    sentence: 'The same of one person to one app.',
  },
  webSocketPingMs: {
    ...{ unit: 'ms', value: 30 * SECOND, min: SECOND, max: HOUR },
    sentence:
      'A WebSocket is pinged this often; it ends when its browser leaves two pings unanswered, or takes nothing of a long frame for as long.',
  },
  overloadPercent: {
    ...{ unit: 'count', value: 80, min: 50, max: 95 },
    sentence: 'Of memory, heap or open files, in percent: beyond, a gateway begins to give something up.',
  },
  eventLoopDelayMs: {
    ...{ unit: 'ms', value: 300, min: 50, max: 10 * SECOND },
    sentence: 'A gateway whose event loop is this late, on average over a quarter of a second, gives up new sign-ins.',
  },
  drainDelayMs: {
    ...{ unit: 'ms', value: 0, min: 0, max: 5 * MINUTE },
    sentence:
      'A Foyer that is told to stop serves on for this long, no longer ready, so that load balancers look elsewhere.',
  },
  drainMs: {
    ...{ unit: 'ms', value: 30 * SECOND, min: 3 * SECOND, max: 24 * HOUR },
    sentence: 'What runs when a gateway is stopped has this long to end.',
  },
  reloadDrainMs: {
    ...{ unit: 'ms', value: 10 * MINUTE, min: 3 * SECOND, max: 24 * HOUR },
    sentence:
      'What runs when a gateway is replaced by a reload, WebSockets and streams too, has this long to end there.',
  },
} as const satisfies Record<string, Row>;

export type LimitName = keyof typeof LIMITS;

/** Bytes, milliseconds or counts, as the name says. What each does stands in `LIMITS`. */
export type Limits = Record<LimitName, number>;

export const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[];

export const DEFAULT_LIMITS: Limits = limitsOf((name) => LIMITS[name].value);

/** The bounds of FOYER_GATEWAY_MEMORY. */
export const GATEWAY_MEMORY = { unit: 'bytes', min: 384 * MB, max: 64 * GB } as const;

export function limitsOf(value: (name: LimitName) => number): Limits {
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, value(name)])) as Limits;
}

/** `headersTimeoutMs` is set by FOYER_LIMIT_HEADERS_TIMEOUT: a value brings its own unit. */
export function limitVariable(name: LimitName): string {
  const words = name.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `_${letter}`);
  return `FOYER_LIMIT_${words.toUpperCase()}`;
}
