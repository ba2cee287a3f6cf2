// The operator's listener, in the supervisor's process: /livez, /readyz and /metrics, for this machine unless somebody says otherwise.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { formatListen, type ListenAddress } from '#server/config/listen-address.ts';
import type { Logger } from '#server/log.ts';
import { CONTENT_TYPE } from './ledger.ts';
import { isLocal } from './metrics-listen.ts';
import type { Readiness } from './readiness.ts';

export type Operator = {
  port: number;
  /** Newcomers are refused, and whoever is being answered is let go. */
  close(): Promise<void>;
};

export type OpenedOperator =
  | { kind: 'open'; operator: Operator }
  /** `sentence` says which address, why, and what to do. */
  | { kind: 'refused'; code: string; sentence: string };

export type OperatorParts = {
  at: ListenAddress;
  readiness(): Promise<Readiness>;
  /** The text, as it is sent: many who ask share one. */
  metrics(): Promise<Buffer>;
  log: Logger;
  /** What says where it listens, for whoever has to change that; `off` is its value for nowhere. */
  setting?: { name: string; off: string };
  /** How long a connection may be there, whatever it does. */
  connectionMs?: number;
};

/** Whoever comes here takes as little of the supervisor as that: few connections, small heads, and seconds for all of it. */
const MAX_CONNECTIONS = 64;
const MAX_HEAD_BYTES = 8 * 1024;
const CONNECTION_MS = 10_000;

export async function openOperator(parts: OperatorParts): Promise<OpenedOperator> {
  const { at, log, connectionMs = CONNECTION_MS, setting = ENVIRONMENT } = parts;
  const server = createServer(
    {
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: connectionMs,
      requestTimeout: connectionMs,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => void answer(parts, request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on('connection', (socket) => {
    // One request is answered in milliseconds; who takes longer, for whatever reason, makes room.
    const over = setTimeout(() => socket.destroy(), connectionMs);
    socket.once('close', () => clearTimeout(over));
    socket.on('error', () => socket.destroy());
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('upgrade', (_request, socket) => socket.destroy());
  try {
    server.listen({ port: at.port, host: at.address ?? undefined, backlog: MAX_CONNECTIONS });
    await once(server, 'listening');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    return { kind: 'refused', code, sentence: explain(at, code, setting) };
  }
  server.on('error', (err) => log.error({ err }, 'the operator’s listener failed'));
  const { port } = server.address() as AddressInfo;
  return { kind: 'open', operator: { port, close: () => close(server) } };
}

async function answer(parts: OperatorParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Connection', 'close');
  try {
    if (isLocal(parts.at) && !namesThisMachine(request.headers.host))
      return send(response, 421, TEXT, 'Ask for this by an IP address or as localhost.\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return send(response, 405, TEXT, 'Only GET and HEAD.\n');
    }
    switch (request.url?.split('?', 1)[0]) {
      case '/livez':
        return send(response, 200, TEXT, 'ok\n');
      case '/readyz': {
        const readiness = await parts.readiness();
        return send(response, readiness.ready ? 200 : 503, 'application/json', `${JSON.stringify(readiness)}\n`);
      }
      case '/metrics':
        return send(response, 200, CONTENT_TYPE, await parts.metrics());
      default:
        return send(response, 404, TEXT, 'Here are /livez, /readyz and /metrics.\n');
    }
  } catch (err) {
    parts.log.error({ err }, 'the operator’s listener could not answer');
    if (!response.headersSent) send(response, 500, TEXT, 'This could not be gathered; the log says why.\n');
  }
}

const TEXT = 'text/plain; charset=utf-8';

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

/** A page in a browser on this machine can point a name of its own at 127.0.0.1; a name is no reason to answer it. */
function namesThisMachine(host: string | undefined): boolean {
  const [, literal, name] = /^(?:\[([0-9a-f:.]+)\]|([^:]*))(?::[0-9]*)?$/i.exec(host ?? '') ?? [];
  return isIP(literal ?? name ?? '') !== 0 || name?.toLowerCase() === 'localhost';
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

const ENVIRONMENT = { name: 'FOYER_METRICS_LISTEN', off: 'off' };

function explain(at: ListenAddress, code: string, { name, off }: { name: string; off: string }): string {
  const where = formatListen(at);
  switch (code) {
    case 'EADDRINUSE':
      return `Another program already listens on ${where}, where metrics would be: stop it, name another address or port in ${name}, or set it to ${off}.`;
    case 'EACCES':
      return `This user may not listen on ${where}: name a port above 1023 in ${name}.`;
    case 'EADDRNOTAVAIL':
      return `This machine has no address ${at.address ?? ''} to listen on (${where}): name one of its own in ${name}.`;
    default:
      return `Listening on ${where} failed (${code}): name another address or port in ${name}, or set it to ${off}.`;
  }
}
