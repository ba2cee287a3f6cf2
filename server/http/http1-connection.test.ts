// Promise: a client that has its answer may ask again at once, however late we are told that it has it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import type { Exchange } from './exchange.ts';
import { Http1Connection, type Http1Host } from './http1-connection.ts';
import { DEFAULT_LIMITS } from './limits.ts';

/** A TLS socket as far as it matters here: what is written has left, and that it has is told later. */
class LateSocket extends Duplex {
  readonly encrypted = true;
  readonly untold: (() => void)[] = [];
  written = '';

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.written += chunk.toString('latin1');
    this.untold.push(done);
  }
}

function connect(onExchange: (exchange: Exchange) => void): LateSocket {
  const socket = new LateSocket();
  const front = {
    limits: DEFAULT_LIMITS,
    peer: () => ({ clientAddress: '192.0.2.1', scheme: 'https' as const }),
    misplaced: () => null,
    now: () => 0,
    onExchange,
    onRefused: (code: string) => assert.fail(code),
  };
  const host = { front, nowMs: 0, drainIdleMs: null, forget: () => {} } as unknown as Http1Host;
  new Http1Connection(host, socket as unknown as Socket);
  return socket;
}

test('an upload that comes behind an answer of which we do not know yet that it was taken is served', async () => {
  const bodies: number[] = [];
  const { promise: uploaded, resolve } = Promise.withResolvers<void>();
  const socket = connect((exchange) => {
    const answer = () => {
      exchange.respond(200, ['Content-Length', '2']);
      exchange.write(Buffer.from('ok'));
      exchange.end();
    };
    if (exchange.body === null) return answer();
    let bytes = 0;
    exchange.body.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    exchange.body.once('end', () => {
      bodies.push(bytes);
      answer();
      resolve();
    });
  });
  socket.push('GET / HTTP/1.1\r\nHost: wiki.test\r\n\r\n');
  while (socket.untold.length === 0) await new Promise((done) => setImmediate(done));
  assert.match(socket.written, /ok$/);
  // A head and 200 KB, in reads of 64 KB, before the write of the answer is said to be done.
  const head = 'POST / HTTP/1.1\r\nHost: wiki.test\r\nContent-Length: 200000\r\n\r\n';
  const upload = Buffer.concat([Buffer.from(head), Buffer.alloc(200_000, 'x')]);
  for (let at = 0; at < upload.length; at += 65_536) socket.push(upload.subarray(at, at + 65_536));
  await new Promise((done) => setImmediate(done));
  assert.equal(socket.destroyed, false, 'it was cut off although it did nothing wrong');
  for (const told of socket.untold.splice(0)) told();
  await uploaded;
  assert.deepEqual(bodies, [200_000]);
  socket.destroy();
});

test('who sends on and on before there is an answer is cut off', async () => {
  const socket = connect(() => {});
  const closed = once(socket, 'close');
  socket.push('GET / HTTP/1.1\r\nHost: wiki.test\r\n\r\n');
  await new Promise((done) => setImmediate(done));
  for (let at = 0; at < 3; at += 1) socket.push(Buffer.alloc(40_000, 'x'));
  await closed;
});
