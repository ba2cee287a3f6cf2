// A browser's HTTP/2 connection for tests.
import { once } from 'node:events';
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import { connect as connectTls } from 'node:tls';

export type Http2Answer = { status: number; headers: Record<string, unknown>; body: Buffer };

export async function openHttp2(port: number, servername: string): Promise<ClientHttp2Session> {
  const session = connect(`https://${servername}`, {
    createConnection: () =>
      connectTls({ port, host: '127.0.0.1', servername, rejectUnauthorized: false, ALPNProtocols: ['h2'] }),
  });
  session.on('error', () => {});
  await once(session, 'connect');
  return session;
}

/** One request and its whole answer. Rejects with `reset <code>` when the stream breaks. */
export function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: Buffer | string,
): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined });
    const chunks: Buffer[] = [];
    let answer: Record<string, unknown> = {};
    stream.on('response', (got) => {
      answer = got;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => {});
    stream.on('close', () => {
      const status = Number(answer[':status']);
      if (stream.rstCode !== 0 || Number.isNaN(status)) reject(new Error(`reset ${stream.rstCode}`));
      else resolve({ status, headers: answer, body: Buffer.concat(chunks) });
    });
    if (body !== undefined) stream.end(body);
  });
}
