// Connections to DNS servers, kept for the next query: few to each server, each for many queries at once, and closed when idle.
import { connect } from 'node:net';
import type { DnsServerAddress } from '#server/core/app.ts';
import { dnsServerText } from '#server/core/dns-server.ts';
import { type Connection, openConnection } from './connection.ts';
import type { Ask, ExchangeFailure } from './query.ts';
import { padded, type Tickets, type TlsServer, tlsFailureOf, tlsOpener } from './tls.ts';

export type PoolOptions = {
  /** Whom servers over TLS may prove their names by, as PEM texts; read when the first one is asked. */
  ca: () => readonly string[];
  now: () => number;
  idleMs: number;
};

export type Pool = { ask: Ask; close(): void };

/** What there is to one server. */
type Lane = { connections: Set<Connection>; tickets: Tickets };

/** The second connection is for what the first has no room for. */
const MAX_CONNECTIONS = 2;
const MAX_OUTSTANDING = 128;
/** Lanes without a connection are kept for their ticket, and so many at most. */
const MAX_LANES = 64;

export function createPool({ ca, now, idleMs }: PoolOptions): Pool {
  const lanes = new Map<string, Lane>();
  const openTls = tlsOpener(ca, now);
  let isClosed = false;

  const ask: Ask = async (server, query, until) => {
    const sent = hasTls(server) ? padded(query) : query;
    const lane = laneTo(server);
    const connection = pick(lane, server);
    if (typeof connection === 'string') return { kind: 'failed', reason: connection };
    const result = await connection.ask(sent, until);
    // It may have been closed while nobody used it: that says nothing about the server.
    const mayRedial = result.kind === 'failed' && result.reason === 'closed' && connection.isProven();
    if (!mayRedial || until.aborted) return result;
    const fresh = pick(lane, server);
    return typeof fresh === 'string' ? result : fresh.ask(sent, until);
  };

  function laneTo(server: DnsServerAddress): Lane {
    const key = dnsServerText(server);
    const lane = lanes.get(key) ?? { connections: new Set(), tickets: [] };
    lanes.delete(key);
    lanes.set(key, lane);
    for (const [other, { connections }] of lanes) {
      if (lanes.size <= MAX_LANES) break;
      if (connections.size === 0 && other !== key) lanes.delete(other);
    }
    return lane;
  }

  /** The one with most room, a new one where there is little, and why not where there is none. */
  function pick(lane: Lane, server: DnsServerAddress): Connection | ExchangeFailure {
    const usable = [...lane.connections].filter((each) => each.isUsable());
    const [freest] = usable.sort((a, b) => a.load() - b.load());
    if (isClosed) return 'aborted';
    if (freest !== undefined && freest.load() < MAX_OUTSTANDING) return freest;
    return usable.length < MAX_CONNECTIONS ? open(lane, server) : 'overloaded';
  }

  function open(lane: Lane, server: DnsServerAddress): Connection | ExchangeFailure {
    const isTls = hasTls(server);
    const socket = isTls
      ? openTls(server, lane.tickets)
      : connect({ host: server.address, port: server.port, noDelay: true });
    if (socket === null) return 'tls-failed';
    const connection: Connection = openConnection({
      socket,
      transport: isTls ? 'tls' : 'tcp',
      idleMs,
      failureOf: isTls ? tlsFailureOf : unreachable,
      onGone: () => lane.connections.delete(connection),
    });
    lane.connections.add(connection);
    return connection;
  }

  return {
    ask,
    close() {
      isClosed = true;
      for (const { connections } of lanes.values()) for (const connection of connections) connection.end();
      lanes.clear();
    },
  };
}

function hasTls(server: DnsServerAddress): server is TlsServer {
  return server.tlsName !== undefined;
}

function unreachable(): ExchangeFailure {
  return 'unreachable';
}
