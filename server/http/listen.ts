// Where connections come in: caps, TLS by SNI, the split by ALPN, and the checks that need the connection.

import { constants } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type SecureContext, type TLSSocket } from 'node:tls';
import type { FaultCode } from '#server/core/fault.ts';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import { type Client, clientOf, networkOfPeer, peerAddress, type TrustedProxies } from './client-address.ts';
import type { Exchange, RequestHead } from './exchange.ts';
import { Http1Server } from './http1.ts';
import { Http2Server } from './http2.ts';
import type { Limits } from './limits.ts';
import { ListenerCounts, type ListenerView } from './listener-counts.ts';
import type { Overload } from './overload-watch.ts';

/** A WebSocket opening handshake that may go on; `early` are the bytes that came behind its head. */
export type UpgradeRequest = RequestHead & { key: string; socket: Duplex; early: Buffer };

/** One certificate as TLS needs it, chosen by SNI for every new connection. */
export type Certificates = {
  /** The listeners' own: PEM texts for clients that send no name, and the key of all their session tickets. */
  first: { cert: string; key: string; ticketKeys: Buffer };
  contextFor(servername: Hostname | null): SecureContext;
  /** Reports whether the certificate that SNI `servername` gets also covers `hostname`. */
  covers(servername: Hostname | null, hostname: Hostname): boolean;
};

export type FrontOptions = {
  limits: Limits;
  overload: Overload;
  proxies: TrustedProxies;
  /** The port that browsers use; a Host with another one is refused. */
  publicPort(): { scheme: 'http' | 'https'; port: number };
  /** Null where TLS listeners cannot exist. Read per connection: a reload needs no restart. */
  certificates(): Certificates | null;
  now(): number;
  /** Resolves when no more work is done for it but what its answer takes. */
  onExchange(exchange: Exchange): void | Promise<void>;
  onUpgrade(request: UpgradeRequest): void;
  /** A refusal before there was an exchange: counted and logged at a capped rate. */
  onRefused(code: FaultCode, supportId: string, clientAddress: string): void;
};

/** What the protocol files need of the listener that they belong to. */
export type Front = Omit<FrontOptions, 'onRefused'> & {
  client(socket: Duplex, headers: readonly string[]): Client;
  /** The client of every request on this connection; null when a listed proxy brings those of many. */
  peer(socket: Duplex): Client | null;
  /** Why this host is not served on this connection, or null. */
  misplaced(socket: Duplex, hostname: Hostname, port: number | null, scheme: 'http' | 'https'): FaultCode | null;
  onRefused(code: FaultCode, supportId: string, socket: Duplex): void;
};

export type Listener = { fd: number; tls: boolean } | { port: number; host: string; tls: boolean };

export type Listening = {
  /** Clients without a name get the present first certificate; the others have it by themselves. */
  reload(): void;
  addresses: { address: string; port: number; tls: boolean }[];
  /**
   * Takes no new connection, and lets each of those that are open go when it has its answers: over HTTP/2 it is told so at once,
   * over HTTP/1.1 with its next answer, or when it has waited for a request for `idleMs`. Called again, only that is another
   * one. Resolves when all are gone.
   */
  drain(idleMs: number): Promise<void>;
  /** Ends every connection now. */
  destroy(): void;
  connections(): number;
  /** Lets go of the connections that have waited longest for a request. Gives how many. */
  closeIdle(atMost: number): number;
  view(): ListenerView;
};

/** A connection keeps the identity that it began with: nothing is negotiated again on it (TLS 1.3 has no way to, RFC 8446 §4.1.2). */
const TLS_SETTINGS = {
  minVersion: 'TLSv1.2',
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  // Equal at every gateway, and no other listener's: a session goes on among browsers' listeners alone (H10).
  sessionIdContext: 'foyer/browsers',
} as const;
/** Newcomers that the kernel holds while every gateway is busy; one more waits a second for its next try. */
const BACKLOG = 4_096;

export async function listen(listeners: readonly Listener[], options: FrontOptions): Promise<Listening> {
  const sockets = new Set<Socket>();
  const perNetwork = new Map<string, number>();
  const front = createFront(options);
  const http1 = new Http1Server(front);
  const http2 = new Http2Server(front);
  const counts = new ListenerCounts();
  const tls = createTls({ front, http1, http2, counts });
  const servers = await Promise.all(
    listeners.map((listener) =>
      start(listener, (socket) => {
        if (!takePlace(socket, sockets, perNetwork, options)) {
          counts.turnedAway += 1;
          return;
        }
        counts.accepted(socket, listener.tls);
        if (listener.tls) tls.emit('connection', socket);
        else http1.serve(socket);
      }),
    ),
  );
  return {
    addresses: servers.map((server, i) => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('A listener has no TCP address.');
      return { address: address.address, port: address.port, tls: listeners[i]?.tls ?? false };
    }),
    reload: () => tls.setSecureContext({ ...options.certificates()?.first, ...TLS_SETTINGS }),
    drain: async (idleMs) => {
      for (const server of servers) if (server.listening) server.close();
      http1.drain(idleMs);
      http2.drain();
      await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    },
    destroy: () => {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
      http1.stop();
      http2.stop();
      tls.close();
    },
    connections: () => sockets.size,
    closeIdle: (atMost) => closeLongestIdle([...http1.idle(), ...http2.idle()], atMost),
    view: () => counts.view(http2),
  };
}

function createFront(options: FrontOptions): Front {
  return {
    ...options,
    peer: (socket) => {
      const clientAddress = peerOf(socket);
      return options.proxies.isTrusted(clientAddress)
        ? null
        : { clientAddress, scheme: isTls(socket) ? 'https' : 'http' };
    },
    client: (socket, headers) => clientOf(peerOf(socket), isTls(socket), headers, options.proxies),
    misplaced: (socket, hostname, port, scheme) => {
      const expected = options.publicPort();
      // Plain text while the portal is https only ever gets a redirect, on whatever port it came.
      if (scheme === expected.scheme && (port ?? (scheme === 'https' ? 443 : 80)) !== expected.port) return 'bad-host';
      if (!isTls(socket)) return null;
      const servername = serverName(socket);
      if (servername === hostname || options.certificates()?.covers(servername, hostname)) return null;
      return 'misdirected-request';
    },
    onRefused: (code, supportId, socket) => options.onRefused(code, supportId, peerOf(socket)),
  };
}

function createTls(parts: {
  front: Front;
  http1: Http1Server;
  http2: Http2Server;
  counts: ListenerCounts;
}): ReturnType<typeof createTlsServer> {
  const { counts, front, http1, http2 } = parts;
  const server = createTlsServer({
    ALPNProtocols: ['h2', 'http/1.1'],
    ...front.certificates()?.first,
    ...TLS_SETTINGS,
    handshakeTimeout: front.limits.tlsHandshakeTimeoutMs,
    honorCipherOrder: true,
    SNICallback: (servername, callback) => {
      // An exception here would end the process (CVE-2026-21637).
      try {
        callback(null, contextFor(front, servername));
      } catch (error) {
        callback(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
  server.on('tlsClientError', (_error, socket) => {
    counts.tlsHandshakeFailures += 1;
    socket.destroy();
  });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => socket.destroy());
    counts.shookHands(socket);
    (socket.alpnProtocol === 'h2' ? http2 : http1).serve(socket);
  });
  return server;
}

function contextFor(front: Front, servername: string): SecureContext {
  const certificates = front.certificates();
  if (!certificates) throw new Error('No certificate is loaded.');
  return certificates.contextFor(parseHostname(servername));
}

function start(listener: Listener, onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, onConnection);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => resolve(server));
    if ('fd' in listener) server.listen({ fd: listener.fd }, BACKLOG);
    else server.listen(listener.port, listener.host, BACKLOG);
  });
}

type Waiting = { idleMs(nowMs: number): number; closeIdle(): boolean };

function closeLongestIdle(waiting: Waiting[], atMost: number): number {
  const now = performance.now();
  waiting.sort((a, b) => b.idleMs(now) - a.idleMs(now));
  let closed = 0;
  for (const connection of waiting) {
    if (closed >= atMost) break;
    if (connection.closeIdle()) closed += 1;
  }
  return closed;
}

/** Counts a connection in, or turns it away: too many in all, too many from one network, or too much to do as it is. */
function takePlace(
  socket: Socket,
  sockets: Set<Socket>,
  perNetwork: Map<string, number>,
  { limits, overload, proxies }: FrontOptions,
): boolean {
  if (overload.sheds('connections')) {
    socket.resetAndDestroy();
    return false;
  }
  const peer = peerAddress(socket.remoteAddress);
  // A listed proxy is no stranger, and takes nothing from its neighbours.
  const isProxy = proxies.isTrusted(peer);
  const network = isProxy ? peer : networkOfPeer(peer);
  const held = perNetwork.get(network) ?? 0;
  if (sockets.size >= limits.connections || (held >= limits.connectionsPerAddress && !isProxy)) {
    socket.destroy();
    return false;
  }
  sockets.add(socket);
  perNetwork.set(network, held + 1);
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    sockets.delete(socket);
    const left = (perNetwork.get(network) ?? 1) - 1;
    if (left === 0) perNetwork.delete(network);
    else perNetwork.set(network, left);
  });
  return true;
}

function peerOf(socket: Duplex): string {
  return peerAddress(
    'remoteAddress' in socket && typeof socket.remoteAddress === 'string' ? socket.remoteAddress : undefined,
  );
}

function isTls(socket: Duplex): socket is TLSSocket {
  return 'encrypted' in socket && socket.encrypted === true;
}

/** The name that the client asked for in its ClientHello (RFC 6066 §3), validated; null when none. */
function serverName(socket: TLSSocket): Hostname | null {
  const name = 'servername' in socket ? socket.servername : undefined;
  return typeof name === 'string' ? parseHostname(name) : null;
}
