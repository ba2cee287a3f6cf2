// HTTP/2 on the browser side: node:http2's core stream API, one Exchange per stream.
import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { FaultCode } from '#server/core/fault.ts';
import { admit } from './admission.ts';
import type { Exchange } from './exchange.ts';
import { withoutReserved } from './header-names.ts';
import { watchIdle } from './http2-idle.ts';
import type { Front } from './listen.ts';
import { RequestBody } from './request-body.ts';
import { type AdmittedHead, RequestParts } from './request-parts.ts';
import { rawProblem } from './respond.ts';
import { newSupportId } from './support-id.ts';

const MAX_SESSION_MEMORY_MB = 10;
const MAX_COOKIE_LINES = 400;
const WINDOW_BYTES = 256 * 1024;

/** Takes over a TLS connection that chose `h2`. */
export function serveHttp2(front: Front, socket: TLSSocket): ServerHttp2Session {
  const { limits } = front;
  const session = performServerHandshake(socket, {
    maxSessionMemory: MAX_SESSION_MEMORY_MB,
    // Browsers send each cookie as a line of its own; the number that counts is taken when they are joined again.
    maxHeaderListPairs: limits.headerLines + MAX_COOKIE_LINES,
    maxSendHeaderBlockLength: 128 * 1024,
    streamResetBurst: 100,
    streamResetRate: 10,
    settings: {
      maxConcurrentStreams: limits.streams,
      maxHeaderListSize: limits.headerBytes,
      initialWindowSize: WINDOW_BYTES,
      enableConnectProtocol: false,
    },
  });
  const idle = watchIdle(session, limits);
  const tooLate = setTimeout(() => session.destroy(), limits.headersTimeoutMs);
  session.on('error', () => session.destroy());
  session.once('close', () => clearTimeout(tooLate));
  session.on('stream', (stream, headers, _flags, rawHeaders) => {
    idle.opened(stream);
    clearTimeout(tooLate);
    // A stream that the browser resets is seen by whoever serves it.
    stream.on('error', () => {});
    accept(front, socket, stream, headers, rawHeaders);
  });
  return session;
}

function accept(
  front: Front,
  socket: TLSSocket,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  raw: string[],
): void {
  const method = String(headers[':method'] ?? '');
  const list = joinCookies(withoutPseudo(raw));
  const admission = admit(
    {
      method,
      target: String(headers[':path'] ?? ''),
      authority: String(headers[':authority'] ?? headers.host ?? ''),
      headers: list,
      version: '2.0',
    },
    front.limits,
  );
  if (admission.kind === 'refused') return refuse(front, socket, stream, admission.code);
  const expect = headers.expect;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    return refuse(front, socket, stream, 'expectation-failed');
  const { clientAddress, scheme } = front.client(socket, list);
  const misplaced = front.misplaced(socket, admission.hostname, admission.port, scheme);
  if (misplaced) return refuse(front, socket, stream, misplaced);
  front.onExchange(
    new Http2Exchange(stream, expect !== undefined, {
      method,
      target: admission.target,
      hostname: admission.hostname,
      headers: withoutReserved(list),
      scheme,
      clientAddress,
      receivedAt: front.now(),
    }),
  );
}

class Http2Exchange extends RequestParts implements Exchange {
  readonly body: Readable | null;
  readonly #stream: ServerHttp2Stream;
  readonly takesTrailers = true;
  #expectsContinue: boolean;
  #trailers: readonly string[] | null = null;

  constructor(stream: ServerHttp2Stream, expectsContinue: boolean, head: AdmittedHead) {
    super('HTTP/2', head);
    this.body = stream.endAfterHeaders ? null : new RequestBody(stream);
    this.#stream = stream;
    this.#expectsContinue = expectsContinue;
  }

  get responded(): boolean {
    return this.#stream.headersSent;
  }

  get closed(): boolean {
    return this.#stream.closed || this.#stream.destroyed;
  }

  allowBody(): void {
    if (!this.#expectsContinue) return;
    this.#expectsContinue = false;
    this.#stream.additionalHeaders({ ':status': 100 });
  }

  get pending(): number {
    return this.#stream.writableLength;
  }

  inform(status: number, headers: readonly string[]): void {
    if (this.closed || this.responded) return;
    const list: Record<string, string | string[]> = { ':status': String(status) };
    for (const [name, values] of byName(headers)) list[name] = values;
    this.#stream.additionalHeaders(list);
  }

  respond(status: number, headers: readonly string[]): void {
    const list = [':status', String(status), ...lowerCase(headers)];
    // What says its length has no trailers; waiting for them costs an empty frame.
    if (list.includes('content-length')) {
      this.#stream.respond(list);
      return;
    }
    this.#stream.respond(list, { waitForTrailers: true });
    this.#stream.once('wantTrailers', () => this.#sendTrailers());
  }

  write(piece: Buffer): boolean {
    return this.closed || this.#stream.write(piece);
  }

  /** The head of a stream leaves at once. */
  flush(): void {}

  end(trailers?: readonly string[]): void {
    if (this.closed) return;
    this.#trailers = trailers ?? null;
    this.#stream.end();
  }

  onDrain(listener: () => void): void {
    this.#stream.on('drain', listener);
  }

  abort(): void {
    // `close(code)` would end the stream first, and half a body would arrive as a whole one; this resets it.
    this.#stream.destroy(new Error('The answer was cut.'));
  }

  onClosed(listener: () => void): void {
    if (this.closed) listener();
    else this.#stream.once('close', listener);
  }

  #sendTrailers(): void {
    if (this.closed) return;
    const trailers: Record<string, string | string[]> = {};
    for (const [name, values] of byName(this.#trailers ?? [])) trailers[name] = values;
    // Without any, this ends the stream with an empty DATA frame.
    this.#stream.sendTrailers(trailers);
  }

  /** Streams are independent: what is left of a body is refused with the stream, not with the connection. */
  closeAfter(): void {
    this.#stream.once('finish', () => {
      if (!this.#stream.readableEnded) this.#stream.close(constants.NGHTTP2_NO_ERROR);
    });
  }
}

/** Names of HTTP/2 are lower case (RFC 9113 §8.2.1). */
function lowerCase(headers: readonly string[]): string[] {
  return headers.map((part, i) => (i % 2 === 0 ? part.toLowerCase() : part));
}

function byName(headers: readonly string[]): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    names.set(name, [...(names.get(name) ?? []), headers[i + 1] as string]);
  }
  return names;
}

function refuse(front: Front, socket: TLSSocket, stream: ServerHttp2Stream, code: FaultCode): void {
  const supportId = newSupportId();
  front.onRefused(code, supportId, socket);
  const { status, headers, body } = rawProblem(code, supportId);
  stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
  stream.respond([':status', String(status), ...headers]);
  stream.end(body);
}

function withoutPseudo(raw: readonly string[]): string[] {
  const list: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (!name.startsWith(':')) list.push(name, raw[i + 1] ?? '');
  }
  return list;
}

/** HTTP/2 splits cookies over several lines; an HTTP/1.1 upstream gets one (RFC 9113 §8.2.3). */
function joinCookies(headers: string[]): string[] {
  const cookies: string[] = [];
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === 'cookie') cookies.push(headers[i + 1] ?? '');
  if (cookies.length < 2) return headers;
  const list: string[] = [];
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i] !== 'cookie') list.push(headers[i] ?? '', headers[i + 1] ?? '');
  list.push('cookie', cookies.join('; '));
  return list;
}
