// HTTP/2 on the browser side: node:http2's core stream API, one Exchange per stream.
import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { FaultCode } from '#server/core/fault.ts';
import { admit } from './admission.ts';
import { withoutReserved } from './header-names.ts';
import { Http2Exchange } from './http2-exchange.ts';
import type { Closing, Http2Connection, Http2Watch } from './http2-watch.ts';
import type { Front } from './listen.ts';
import { rawProblem } from './respond.ts';
import { newSupportId } from './support-id.ts';

const MAX_COOKIE_LINES = 400;

/** Takes over a TLS connection that chose `h2`. */
export function serveHttp2(front: Front, watch: Http2Watch, socket: TLSSocket): ServerHttp2Session {
  const { limits } = front;
  const session = performServerHandshake(socket, {
    maxSessionMemory: Math.max(1, Math.round(limits.http2MemoryBytes / 1_000_000)),
    // Browsers send each cookie as a line of its own; the number that counts is taken when they are joined again.
    maxHeaderListPairs: limits.headerLines + MAX_COOKIE_LINES,
    maxSendHeaderBlockLength: 128 * 1024,
    // Counted in http2-watch.ts, which asks for calm and cuts nothing; these end a flood that comes in one piece.
    streamResetBurst: limits.streamResetBurst * 2,
    streamResetRate: limits.streamResetsPerSecond * 2,
    settings: {
      maxConcurrentStreams: limits.streams,
      maxHeaderListSize: limits.headerBytes,
      initialWindowSize: limits.streamWindowBytes,
      enableConnectProtocol: false,
    },
  });
  session.setLocalWindowSize(limits.connectionWindowBytes);
  const connection = watch.add(session, socket);
  session.on('error', () => session.destroy());
  session.on('stream', (stream, headers, _flags, rawHeaders) => {
    const closing = connection.opened(stream, bytesOf(rawHeaders));
    // A stream that the browser resets is seen by whoever serves it.
    stream.on('error', () => {});
    accept(front, connection, socket, stream, closing, headers, rawHeaders);
  });
  return session;
}

function accept(
  front: Front,
  connection: Http2Connection,
  socket: TLSSocket,
  stream: ServerHttp2Stream,
  closing: Closing,
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
  if (!connection.takeWork()) {
    // Nobody has seen the request: the client may send it again (RFC 9113 §8.7).
    stream.close(constants.NGHTTP2_REFUSED_STREAM);
    return;
  }
  const work = front.onExchange(
    new Http2Exchange(connection, stream, closing, expect !== undefined, {
      method,
      target: admission.target,
      hostname: admission.hostname,
      headers: withoutReserved(list),
      scheme,
      clientAddress,
      receivedAt: front.now(),
    }),
  );
  if (!work) closing.push(() => connection.endWork());
  else afterBoth(work, closing, () => connection.endWork());
}

/** When the work is over and the stream is closed, whichever comes last. */
function afterBoth(work: Promise<void>, closing: Closing, done: () => void): void {
  let left = 2;
  const one = () => {
    left -= 1;
    if (left === 0) done();
  };
  closing.push(one);
  work.then(one, one);
}

/** As HTTP/2 counts them, but for the 32 bytes that each field is said to cost (RFC 9113 §6.5.2). */
function bytesOf(raw: readonly string[]): number {
  let bytes = 0;
  for (const part of raw) bytes += part.length;
  return bytes;
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
