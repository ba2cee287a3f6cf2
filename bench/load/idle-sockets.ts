// A load process that opens WebSockets and leaves them alone, until its input ends; one that is closed in the meantime is a failure.
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import process from 'node:process';
import { connect as connectTls, createSecureContext } from 'node:tls';

export type IdleSockets = {
  scheme: 'http' | 'https';
  port: number;
  host: string;
  path: string;
  cookie: string;
  count: number;
};

/** Each client address has a limit of its own at a gateway, so they come from several. */
const PER_ADDRESS = 1_000;
const AT_ONCE = 64;
const HEAD_END = '\r\n\r\n';
const PING = 0x89;

const load: IdleSockets = JSON.parse(process.argv[2] ?? '');
const secureContext = createSecureContext();
const origin = `${load.scheme}://${load.host}:${load.port}`;
let begun = 0;
let open = 0;

process.stdin.resume().once('end', () => process.exit(0));
for (let at = 0; at < Math.min(AT_ONCE, load.count); at += 1) openNext();

function openNext(): void {
  if (begun === load.count) return;
  const localAddress = `127.0.0.${2 + Math.floor(begun / PER_ADDRESS)}`;
  begun += 1;
  const tcp = connect({ port: load.port, host: '127.0.0.1', localAddress, noDelay: true });
  const socket = load.scheme === 'http' ? tcp : secured(tcp);
  socket.once(load.scheme === 'http' ? 'connect' : 'secureConnect', () => socket.write(handshake()));
  let head = '';
  let isOpen = false;
  socket.on('data', (chunk: Buffer) => {
    if (isOpen) return answerPing(socket, chunk);
    head += chunk.toString('latin1');
    if (!head.includes(HEAD_END)) return;
    if (!head.startsWith('HTTP/1.1 101 ')) fail(head.split('\r\n', 1)[0] ?? '');
    isOpen = true;
    open += 1;
    if (open === load.count) process.stdout.write('all are open\n');
    openNext();
  });
  tcp.once('error', (error) => fail(error.message));
  socket.once('close', () => fail('closed by the other side'));
}

function secured(socket: Socket): Socket {
  return connectTls({
    ...{ socket, servername: load.host, rejectUnauthorized: false, secureContext, ALPNProtocols: ['http/1.1'] },
  }).once('error', (error) => fail(error.message));
}

function handshake(): string {
  return [
    `GET ${load.path} HTTP/1.1`,
    `host: ${load.host}:${load.port}`,
    `origin: ${origin}`,
    `cookie: ${load.cookie}`,
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
    '\r\n',
  ].join('\r\n');
}

/** A frame of a client is masked (RFC 6455 §5.3); a mask of zeros changes nothing. */
function answerPing(socket: Socket, chunk: Buffer): void {
  const length = chunk[1] ?? 0;
  if (chunk[0] !== PING || length > 125) return;
  socket.write(Buffer.concat([Buffer.from([0x8a, 0x80 | length, 0, 0, 0, 0]), chunk.subarray(2, 2 + length)]));
}

function fail(why: string): void {
  process.stderr.write(`a WebSocket failed: ${why}\n`);
  process.exit(1);
}
