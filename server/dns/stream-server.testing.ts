// A DNS server on streams for tests, TCP or TLS, that does with each query whatever a test makes it do.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import type { DnsServerAddress } from '#server/core/app.ts';
import { framed, frameReader } from './frame.ts';
import type { Message } from './message.ts';
import { address } from './packet.testing.ts';
import { decode, encode } from './wire.ts';

export type Heard = {
  query: Message;
  /** As it came, without its length. */
  bytes: Buffer;
  socket: Socket;
  reply(message: Message): void;
};

export type StreamServer = {
  server: DnsServerAddress;
  /** One for each connection that was accepted, and what TLS agreed on for each that got so far. */
  connections: Socket[];
  handshakes: { alpn: string | false | null; isResumed: boolean; servername: string | false | null }[];
  heard: Heard[];
};

export type StreamServerOptions = { answer?(heard: Heard): void; tls?: TlsOptions; tlsName?: string; port?: number };

/** On loopback. Answers nothing without `answer`. */
export async function startStreamServer(
  t: TestContext,
  { answer = () => {}, tls, tlsName, port = 0 }: StreamServerOptions,
): Promise<StreamServer> {
  const connections: Socket[] = [];
  const handshakes: StreamServer['handshakes'] = [];
  const heard: Heard[] = [];
  const serve = (socket: Socket) => {
    const read = frameReader();
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      for (const bytes of read(chunk)) {
        const decoded = decode(bytes);
        if (decoded.kind === 'malformed') throw new Error(`The query cannot be read: ${decoded.reason}`);
        const reply = (message: Message) => void socket.write(framed(encode(message)));
        const each = { query: decoded.message, bytes, socket, reply };
        heard.push(each);
        answer(each);
      }
    });
  };
  const listener = tls
    ? createTlsServer({ ALPNProtocols: ['dot'], noDelay: true, ...tls }, (socket: TLSSocket) => {
        const { alpnProtocol, servername } = socket as TLSSocket & { servername: string | false | null };
        handshakes.push({ alpn: alpnProtocol, isResumed: socket.isSessionReused(), servername });
        serve(socket);
      })
    : createServer({ noDelay: true }, serve);
  listener.on('connection', (socket: Socket) => {
    socket.on('error', () => {});
    connections.push(socket);
  });
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  t.after(async () => {
    for (const socket of connections) socket.destroy();
    listener.close();
  });
  const at = { address: address('127.0.0.1'), port: (listener.address() as AddressInfo).port };
  return { server: tlsName === undefined ? at : { ...at, tlsName }, connections, handshakes, heard };
}
