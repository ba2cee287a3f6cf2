// A private app that one test needs: a server on a loopback address of its own, answering by a function of the test.

import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export type Upstream = { address: string; port: number; stop(): Promise<void> };
/** Without a port, one that is free. */
export type UpstreamOptions = { onSocket?: (socket: WebSocket) => void; port?: number };

export async function startUpstream(
  address: string,
  answer: RequestListener,
  { onSocket, port = 0 }: UpstreamOptions = {},
): Promise<Upstream> {
  const server = createServer(answer);
  const sockets = onSocket ? new WebSocketServer({ server }) : null;
  if (onSocket) sockets?.on('connection', onSocket);
  server.listen(port, address);
  await once(server, 'listening');
  return {
    address,
    port: (server.address() as AddressInfo).port,
    async stop() {
      for (const socket of sockets?.clients ?? []) socket.terminate();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export function htmlPage(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}</html>`;
}
