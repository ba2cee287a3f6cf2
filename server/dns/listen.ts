// A DNS server's sockets: UDP and TCP on one port, or TLS on one of its own, bounded in time, size and number.
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { type Address, familyOf, networkOf, parseAddress } from '#server/core/address.ts';
import type { Answerer, Client } from './answerer.ts';
import { MAX_QUERY_OCTETS, serveConnection } from './serve-connection.ts';

const MAX_PORT_CHOICES = 20;
const MAX_KNOWN_CLIENTS = 4096;

export type DnsServerOptions = {
  address: Address;
  /** 0 takes a port that is free for both UDP and TCP. */
  port: number;
  answer: Answerer;
  /** 0 takes a query that came by a connection, otherwise it waits so many ms; nobody waits where nothing is said. */
  hold?: (client: Client) => number;
  /** A TCP client that completes no query for so long is closed (RFC 7766 §6.2.3). */
  idleTimeoutMs?: number;
  /** One client has half of them at most, so that it cannot keep the others away. */
  maxConnections?: number;
};

/** PEM text. With it the server speaks DNS over TLS (RFC 7858) and nothing else. */
export type DnsOverTls = { cert: string; key: string };

export type DnsServer = { address: Address; port: number; close(): Promise<void> };

export type DnsOverTlsServer = DnsServer & {
  /** Takes another certificate for connections from now on. Throws on one that cannot be used, and keeps the old. */
  renew(tls: DnsOverTls): void;
};

/** The server could not take its port. `message` is a sentence for people; `code` is the system's, `EADDRINUSE` above all. */
export class DnsListenError extends Error {
  readonly code: string;

  constructor(address: Address, port: number, protocol: 'UDP' | 'TCP', cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'UNKNOWN';
    const why = reasons[code] ?? `the system says ${code}`;
    super(`DNS cannot listen on ${address} port ${port} (${protocol}): ${why}.`, { cause });
    this.name = 'DnsListenError';
    this.code = code;
  }
}

const reasons: Partial<Record<string, string>> = {
  EADDRINUSE: 'another program uses this port',
  EACCES: 'ports below 1024 need more rights',
  EADDRNOTAVAIL: 'this machine does not have this address',
};

/** UDP and TCP on the same port. */
export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  for (let choice = 1; ; choice++) {
    const udp = await bindUdp(options);
    const { port } = udp.address();
    try {
      const tcp = await bind(createTcpServer({ allowHalfOpen: true, noDelay: true }), 'tcp', { ...options, port });
      return { address: options.address, port, close: () => close(tcp, udp) };
    } catch (error) {
      await closeUdp(udp);
      // A port that was free for UDP may be taken for TCP; only a port that we chose may be chosen again.
      const mayChooseAgain = options.port === 0 && choice < MAX_PORT_CHOICES;
      if (!(error instanceof DnsListenError) || error.code !== 'EADDRINUSE' || !mayChooseAgain) throw error;
    }
  }
}

/** Throws what the certificate is refused for, or DnsListenError. */
export async function startDnsOverTls(options: DnsServerOptions & { tls: DnsOverTls }): Promise<DnsOverTlsServer> {
  const server = createTlsServer({
    ...options.tls,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['dot'],
    allowHalfOpen: true,
    noDelay: true,
    handshakeTimeout: options.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
  });
  const bound = await bind(server, 'tls', options);
  const address = bound.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const renew = ({ cert, key }: DnsOverTls) => server.setSecureContext({ cert, key, minVersion: 'TLSv1.2' });
  return { address: options.address, port, renew, close: () => close(bound, null) };
}

const IDLE_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 256;

async function bindUdp({ address, port, answer }: DnsServerOptions): Promise<UdpSocket> {
  const family = familyOf(address);
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    ipv6Only: family === 6,
    // Replies go to where queries came from, which is never a name.
    lookup: (host, _options, done) => done(null, host, family),
  });
  try {
    // Bound at once, since there is no name to look up.
    const listening = once(socket, 'listening');
    socket.bind({ address, port, exclusive: true });
    await listening;
  } catch (error) {
    socket.close();
    throw new DnsListenError(address, port, 'UDP', error);
  }
  // A reply that cannot be delivered is the client's loss; it asks again.
  socket.on('error', ignore);
  const clients = new Map<string, Client>();
  socket.on('message', (packet, from) => {
    const client = clientOf(clients, from);
    if (packet.length > MAX_QUERY_OCTETS || from.port === 0 || client === null) return;
    const reply = answer(packet, client);
    if (reply instanceof Promise) void reply.then((bytes) => send(socket, bytes, from));
    else send(socket, reply, from);
  });
  return socket;
}

function send(socket: UdpSocket, reply: Buffer | null, to: RemoteInfo): void {
  if (reply === null) return;
  try {
    // Without a callback, which would be a turn of its own for each: what cannot be delivered is the client's loss.
    socket.send(reply, to.port, to.address);
  } catch (error) {
    // The answer came after the server had closed.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SOCKET_DGRAM_NOT_RUNNING')) throw error;
  }
}

/** The same object for the same address: most clients ask again. */
function clientOf(known: Map<string, Client>, { address }: RemoteInfo): Client | null {
  const client = known.get(address);
  if (client !== undefined) return client;
  // A link-local address comes with the name of its link.
  const parsed = parseAddress(address.replace(/%.*$/, ''));
  if (parsed === null) return null;
  if (known.size >= MAX_KNOWN_CLIENTS) known.clear();
  const fresh: Client = { address: parsed, transport: 'udp' };
  known.set(address, fresh);
  return fresh;
}

type Bound = { server: Server; connections: ReadonlySet<Socket> };

async function bind(server: Server, transport: 'tcp' | 'tls', options: DnsServerOptions): Promise<Bound> {
  const {
    address,
    answer,
    hold = NOBODY_WAITS,
    idleTimeoutMs = IDLE_TIMEOUT_MS,
    maxConnections = MAX_CONNECTIONS,
    port,
  } = options;
  const connections = new Set<Socket>();
  const share = shareOf(Math.ceil(maxConnections / 2));
  server.on('connection', (socket: Socket) => {
    if (!share(socket)) {
      socket.destroy();
      return;
    }
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', ignore);
  });
  server.on(transport === 'tls' ? 'secureConnection' : 'connection', (socket: Socket | TLSSocket) => {
    const peer = peerOf(socket);
    if (peer === null) socket.destroy();
    else serveConnection(socket, { answer, hold, client: { address: peer, transport }, idleTimeoutMs });
  });
  server.maxConnections = maxConnections;
  try {
    server.listen({ host: address, port, exclusive: true, ipv6Only: familyOf(address) === 6 });
    await once(server, 'listening');
  } catch (error) {
    throw new DnsListenError(address, port, 'TCP', error);
  }
  // Out of file descriptors: the connection is lost, the server is not.
  server.on('error', ignore);
  // A handshake that took too long is told of, and left open.
  server.on('tlsClientError', (_error, socket: TLSSocket) => socket.destroy());
  return { server, connections };
}

/** Counts the open connections of each client; false for one too many. */
function shareOf(most: number): (socket: Socket) => boolean {
  const held = new Map<string, number>();
  return (socket) => {
    const peer = peerOf(socket);
    if (peer === null) return false;
    const client = networkOf(peer);
    const others = held.get(client) ?? 0;
    if (others >= most) return false;
    held.set(client, others + 1);
    socket.once('close', () => {
      const left = (held.get(client) ?? 1) - 1;
      if (left > 0) held.set(client, left);
      else held.delete(client);
    });
    return true;
  };
}

/** Null where the far end is gone already. A link-local address comes with the name of its link. */
function peerOf({ remoteAddress = '' }: Socket): Address | null {
  return parseAddress(remoteAddress.replace(/%.*$/, ''));
}

async function close({ server, connections }: Bound, udp: UdpSocket | null): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of connections) socket.destroy();
  await Promise.all([closed, udp === null ? null : closeUdp(udp)]);
}

async function closeUdp(udp: UdpSocket): Promise<void> {
  const closed = once(udp, 'close');
  udp.close();
  await closed;
}

const NOBODY_WAITS = () => 0;

function ignore(): void {}
