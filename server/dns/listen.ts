// A DNS server's sockets: UDP and TCP on one port, bounded in time, size and number.
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type Address, familyOf } from '#server/core/address.ts';
import { answerPacket } from './authority.ts';
import type { Zone } from './zone.ts';

/** A query is a name and a few options; who sends more wants something else. */
const MAX_QUERY_OCTETS = 4096;
const MIN_QUERY_OCTETS = 12;
const MAX_PORT_CHOICES = 20;

export type DnsServerOptions = {
  address: Address;
  /** 0 takes a port that is free for both UDP and TCP. */
  port: number;
  /** Read for every query, so that a new set of zones counts at once and as a whole. */
  zones: () => readonly Zone[];
  /** A TCP client that completes no query for so long is closed (RFC 7766 §6.2.3). */
  idleTimeoutMs?: number;
  maxConnections?: number;
};

export type DnsServer = { address: Address; port: number; close(): Promise<void> };

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

export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  for (let choice = 1; ; choice++) {
    const udp = await bindUdp(options);
    const { port } = udp.address();
    try {
      const tcp = await bindTcp({ ...options, port });
      return { address: options.address, port, close: () => close(udp, tcp) };
    } catch (error) {
      await closeUdp(udp);
      // A port that was free for UDP may be taken for TCP; only a port that we chose may be chosen again.
      const mayChooseAgain = options.port === 0 && choice < MAX_PORT_CHOICES;
      if (!(error instanceof DnsListenError) || error.code !== 'EADDRINUSE' || !mayChooseAgain) throw error;
    }
  }
}

async function bindUdp({ address, port, zones }: DnsServerOptions): Promise<UdpSocket> {
  const socket = createSocket({ type: familyOf(address) === 4 ? 'udp4' : 'udp6', ipv6Only: familyOf(address) === 6 });
  try {
    socket.bind({ address, port, exclusive: true });
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw new DnsListenError(address, port, 'UDP', error);
  }
  // A reply that cannot be delivered is the client's loss; it asks again.
  socket.on('error', ignore);
  socket.on('message', (packet, from) => {
    const reply = packet.length > MAX_QUERY_OCTETS ? null : answerPacket(packet, 'udp', zones());
    if (reply !== null && from.port !== 0) socket.send(reply, from.port, from.address, ignore);
  });
  return socket;
}

async function bindTcp({
  address,
  port,
  zones,
  idleTimeoutMs = 10_000,
  maxConnections = 256,
}: DnsServerOptions): Promise<TcpServer> {
  const connections = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    serveConnection(socket, zones, idleTimeoutMs);
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
  return { server, connections };
}

type TcpServer = { server: Server; connections: ReadonlySet<Socket> };

/** Queries may be pipelined (RFC 7766 §6.2.1.1). The time runs from one complete query to the next, so that dribbling bytes gains nothing. */
function serveConnection(socket: Socket, zones: () => readonly Zone[], idleTimeoutMs: number): void {
  let pending: Buffer = Buffer.alloc(0);
  const deadline = setTimeout(() => socket.destroy(), idleTimeoutMs);
  socket.on('close', () => clearTimeout(deadline));
  socket.on('error', ignore);
  socket.on('end', () => socket.end());
  socket.on('drain', () => socket.resume());
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2) {
      const length = pending.readUInt16BE(0);
      if (length < MIN_QUERY_OCTETS || length > MAX_QUERY_OCTETS) {
        socket.destroy();
        return;
      }
      if (pending.length < 2 + length) return;
      const reply = answerPacket(pending.subarray(2, 2 + length), 'tcp', zones());
      pending = pending.subarray(2 + length);
      deadline.refresh();
      if (reply !== null && !socket.write(framed(reply))) socket.pause();
    }
  });
}

/** RFC 1035 §4.2.2, in one write so that length and message share a segment (RFC 7766 §8). */
function framed(message: Buffer): Buffer {
  const frame = Buffer.alloc(2 + message.length);
  frame.writeUInt16BE(message.length, 0);
  message.copy(frame, 2);
  return frame;
}

async function close(udp: UdpSocket, { server, connections }: TcpServer): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of connections) socket.destroy();
  await Promise.all([closed, closeUdp(udp)]);
}

async function closeUdp(udp: UdpSocket): Promise<void> {
  const closed = once(udp, 'close');
  udp.close();
  await closed;
}

function ignore(): void {}
