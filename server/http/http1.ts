// HTTP/1.1 on the browser side: node:http made strict, one Exchange per request.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';
import type { FaultCode } from '#server/core/fault.ts';
import { admit } from './admission.ts';
import type { Exchange } from './exchange.ts';
import { headerValue, headerValues, withoutReserved } from './header-names.ts';
import { lingeringClose } from './lingering-close.ts';
import type { Front } from './listen.ts';
import { RequestBody } from './request-body.ts';
import { type AdmittedHead, RequestParts } from './request-parts.ts';
import { rawProblem, rawRefusal } from './respond.ts';
import { newSupportId } from './support-id.ts';
import { admitUpgrade } from './upgrade-admission.ts';

/** A server that is fed by `emit('connection', socket)`. */
export function createHttp1(front: Front): Server {
  const { limits } = front;
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs / 2),
    insecureHTTPParser: false,
    requireHostHeader: false,
    noDelay: true,
    // `h2c` and the like are ignored, not switched to (RFC 9110 §7.8 lets us).
    shouldUpgradeCallback: (request) => !isIgnoredUpgrade(request.headers.upgrade),
  });
  // Node drops lines past this number without a word; we count them ourselves and say 431.
  server.maxHeadersCount = 0;
  server.on('request', (request, response) => accept(front, request, response, false));
  server.on('checkContinue', (request, response) => accept(front, request, response, true));
  server.on('checkExpectation', (request, response) => refuse(front, request, response, 'expectation-failed'));
  server.on('connect', (_request, socket) => endRaw(front, socket, 'method-not-allowed', ['Allow: GET, HEAD, POST']));
  server.on('upgrade', (request, socket, head) => acceptUpgrade(front, request, socket, head));
  server.on('clientError', (error: Error & { code?: string; bytesParsed?: number }, socket) =>
    refuseUnparsed(front, error, socket),
  );
  // Header timeouts are armed by 'listening', which a server that never listens does not emit.
  server.emit('listening');
  return server;
}

/**
 * One connection's turn-taking. Requests are served one after the other, so what a client pipelines costs it nothing but
 * memory of a head; and once an answer is the last one, nothing behind it is served, an upgrade included.
 */
type Connection = { current: ServerResponse | null; waiting: (() => void)[]; ending: boolean };

const connections = new WeakMap<Duplex, Connection>();
const MAX_PIPELINED = 16;

function connectionOf(socket: Duplex): Connection {
  let connection = connections.get(socket);
  if (!connection) {
    connection = { current: null, waiting: [], ending: false };
    connections.set(socket, connection);
  }
  return connection;
}

function accept(front: Front, request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
  // A client that breaks off mid-body is seen by whoever reads the body; unread, it matters to nobody.
  request.on('error', () => {});
  const connection = connectionOf(request.socket);
  if (connection.ending) return;
  if (connection.current) {
    if (connection.waiting.length >= MAX_PIPELINED) request.socket.destroy();
    else connection.waiting.push(() => accept(front, request, response, expectsContinue));
    return;
  }
  connection.current = response;
  response.once('close', () => {
    connection.current = null;
    if (request.socket.destroyed) connection.waiting.length = 0;
    connection.waiting.shift()?.();
  });
  if (request.httpVersionMajor !== 1 || (request.httpVersionMinor !== 0 && request.httpVersionMinor !== 1)) {
    return refuse(front, request, response, 'version-not-supported');
  }
  const admission = admit(
    {
      method: request.method ?? '',
      target: request.url ?? '',
      authority: null,
      headers: request.rawHeaders,
      version: request.httpVersionMinor === 0 ? '1.0' : '1.1',
    },
    front.limits,
  );
  if (admission.kind === 'refused') return refuse(front, request, response, admission.code);
  const { clientAddress, scheme } = front.client(request.socket, request.rawHeaders);
  const misplaced = front.misplaced(request.socket, admission.hostname, admission.port, scheme);
  if (misplaced) return refuse(front, request, response, misplaced);
  const exchange = new Http1Exchange(request, response, expectsContinue, {
    method: request.method ?? '',
    target: admission.target,
    hostname: admission.hostname,
    headers: withoutReserved(request.rawHeaders),
    scheme,
    clientAddress,
    receivedAt: front.now(),
  });
  front.onExchange(exchange);
}

class Http1Exchange extends RequestParts implements Exchange {
  readonly body: Readable | null;
  #expectsContinue: boolean;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean, head: AdmittedHead) {
    super('HTTP/1.1', head);
    this.body = hasBody(request.rawHeaders) ? new RequestBody(request) : null;
    this.#expectsContinue = expectsContinue;
    this.#request = request;
    this.#response = response;
  }

  get responded(): boolean {
    return this.#response.headersSent;
  }

  get closed(): boolean {
    return this.#response.closed || this.#response.destroyed;
  }

  allowBody(): void {
    if (!this.#expectsContinue) return;
    this.#expectsContinue = false;
    this.#response.writeContinue();
  }

  respond(status: number, headers: string[]): Writable {
    // Without our 100 the client may or may not send its body: this connection cannot be read on.
    if (this.#expectsContinue) this.closeAfter();
    this.#response.writeHead(status, headers);
    return this.#response;
  }

  flush(): void {
    this.#response.flushHeaders();
  }

  abort(): void {
    const { socket } = this.#response;
    // An HTTP/1.0 body ends with its connection (RFC 9112 §6.3): only a reset tells a cut one from a whole one. Over TLS the
    // missing close_notify tells it (RFC 8446 §6.1), and that handle cannot be reset.
    if (socket && this.#request.httpVersionMinor === 0 && !('encrypted' in socket)) socket.resetAndDestroy();
    this.#response.destroy();
  }

  onClosed(listener: () => void): void {
    if (this.closed) listener();
    else this.#response.once('close', listener);
  }

  closeAfter(): void {
    const { socket } = this.#request;
    connectionOf(socket).ending = true;
    lingerAtEnd(socket);
    this.#response.shouldKeepAlive = false;
    // A head that is out did not say so; the connection ends all the same.
    if (this.#response.headersSent) this.#response.once('finish', () => socket.destroySoon());
  }
}

function acceptUpgrade(front: Front, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.on('error', () => socket.destroy());
  if (isTaken(socket)) return;
  const admission = admit(
    {
      method: request.method ?? '',
      target: request.url ?? '',
      authority: null,
      headers: request.rawHeaders,
      version: request.httpVersionMinor === 0 ? '1.0' : '1.1',
    },
    front.limits,
  );
  if (admission.kind === 'refused') return endRaw(front, socket, admission.code);
  const upgrade = admitUpgrade(request.method ?? '', request.httpVersion, request.rawHeaders);
  if (upgrade.kind === 'refused') {
    const extra = upgrade.code === 'websocket-version' ? ['Sec-WebSocket-Version: 13', 'Upgrade: websocket'] : [];
    return endRaw(front, socket, upgrade.code, extra);
  }
  const { clientAddress, scheme } = front.client(request.socket, request.rawHeaders);
  const misplaced = front.misplaced(request.socket, admission.hostname, admission.port, scheme);
  if (misplaced) return endRaw(front, socket, misplaced);
  front.onUpgrade({
    supportId: newSupportId(),
    protocol: 'HTTP/1.1',
    scheme,
    method: 'GET',
    target: admission.target,
    hostname: admission.hostname,
    headers: withoutReserved(request.rawHeaders),
    clientAddress,
    receivedAt: front.now(),
    key: upgrade.key,
    socket,
    early: head,
  });
}

/** node:http ends a last answer by `destroySoon`, whose reset overtakes the answer while a client is still sending. */
function lingerAtEnd(socket: Socket): void {
  socket.destroySoon = () => {
    socket.end();
    lingeringClose(socket);
  };
}

/** Reports whether an answer is under way or was the last one, and ends the connection then: nothing may be mixed into it. */
function isTaken(socket: Duplex): boolean {
  const connection = connections.get(socket);
  if (!connection?.current && !connection?.ending) return false;
  socket.destroy();
  return true;
}

function refuse(front: Front, request: IncomingMessage, response: ServerResponse, code: FaultCode): void {
  const supportId = newSupportId();
  front.onRefused(code, supportId, request.socket);
  connectionOf(request.socket).ending = true;
  lingerAtEnd(request.socket);
  const { status, headers, body } = rawProblem(code, supportId);
  response.shouldKeepAlive = false;
  response.writeHead(status, [...headers, 'content-length', String(Buffer.byteLength(body))]);
  response.end(request.method === 'HEAD' ? undefined : body);
}

function endRaw(front: Front, socket: Duplex, code: FaultCode, extra: readonly string[] = []): void {
  socket.on('error', () => socket.destroy());
  if (isTaken(socket)) return;
  const supportId = newSupportId();
  front.onRefused(code, supportId, socket);
  socket.end(rawRefusal(code, supportId, extra));
  lingeringClose(socket);
}

function refuseUnparsed(front: Front, error: Error & { code?: string }, socket: Duplex): void {
  const connection = connectionOf(socket);
  // A client that went away has asked for nothing; bytes of ours in the middle of an answer would become part of it.
  if (connection.ending || connection.current?.headersSent || !socket.writable || isGone(error)) {
    socket.destroy();
    return;
  }
  connection.ending = true;
  const code = unparsedCode(error.code ?? '');
  const supportId = newSupportId();
  front.onRefused(code, supportId, socket);
  socket.end(rawRefusal(code, supportId));
  lingeringClose(socket);
}

function isGone({ code }: { code?: string }): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'HPE_INVALID_EOF_STATE';
}

function unparsedCode(code: string): FaultCode {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'headers-too-large';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'request-timeout';
    case 'HPE_INVALID_METHOD':
      return 'method-unknown';
    case 'HPE_INVALID_VERSION':
    case 'HPE_PAUSED_H2_UPGRADE':
      return 'version-not-supported';
    default:
      return 'bad-request';
  }
}

function hasBody(headers: readonly string[]): boolean {
  if (headerValues(headers, 'transfer-encoding').length > 0) return true;
  const length = headerValue(headers, 'content-length');
  return length !== null && length !== '0';
}

function isIgnoredUpgrade(token: string | undefined): boolean {
  return token !== undefined && /^\s*h2c?\s*$/i.test(token);
}
