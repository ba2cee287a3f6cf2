// The wire between a browser and Foyer, for a test to cut, and to deliver another build's worker over: an HTTP proxy of one context.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export type Wire = {
  /** For Playwright's `newContext`: localhost goes through it as well. */
  proxy: { server: string; bypass: string };
  cut(): void;
  mend(): void;
  /** From now on `/sw.js` ends in this comment, as another build's would differ. */
  deliverWorker(mark: string): void;
  stop(): Promise<void>;
};

export async function startWire(): Promise<Wire> {
  const sockets = new Set<Duplex>();
  let isCut = false;
  let mark: string | null = null;
  const server = createServer((incoming, answer) => void pass(incoming, answer, mark));
  server.on('connection', (socket: Socket) => {
    if (isCut) socket.destroy();
    hold(socket);
  });
  // WebSockets come as tunnels.
  server.on('connect', (incoming: IncomingMessage, socket: Duplex) => {
    const upstream = connect(Number(incoming.url?.split(':').at(-1)), '127.0.0.1');
    hold(upstream);
    upstream.once('connect', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function hold(socket: Duplex): void {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  }

  function destroyAll(): void {
    for (const socket of sockets) socket.destroy();
  }

  return {
    proxy: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bypass: '<-loopback>' },
    cut() {
      isCut = true;
      destroyAll();
    },
    mend() {
      isCut = false;
    },
    deliverWorker(next) {
      mark = next;
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      destroyAll();
      await closed;
    },
  };
}

async function pass(incoming: IncomingMessage, answer: ServerResponse, mark: string | null): Promise<void> {
  const { host, port, pathname, search } = new URL(incoming.url ?? '');
  const { 'proxy-connection': _, ...headers } = incoming.headers;
  const options = { host: '127.0.0.1', port, method: incoming.method, path: pathname + search, agent: false as const };
  const outgoing = request({ ...options, headers: { ...headers, host } });
  outgoing.once('error', () => answer.destroy());
  answer.once('close', () => outgoing.destroy());
  outgoing.once('response', (received) => {
    const isMarked = mark !== null && pathname === '/sw.js' && incoming.method === 'GET';
    const { 'content-length': length, ...rest } = received.headers;
    answer.writeHead(received.statusCode ?? 502, isMarked || length === undefined ? rest : received.headers);
    received.pipe(answer, { end: !isMarked });
    if (isMarked) received.once('end', () => answer.end(`\n// ${mark}`));
  });
  incoming.pipe(outgoing);
}
