// Promises of a WebSocket for any bytes at all: they arrive as they were sent, and what ends a socket stands between two frames.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, suite, test } from 'node:test';
import fc from 'fast-check';
import { startGateway } from './gateway.testing.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = createHash('sha1').update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
const SWITCHED = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`;
const SESSION_OVER = 4401;
const REASON = 'session-unknown';
/** A failure prints its own seed; this one makes every run the same. */
const SEED = 20_260_929;

/** One end of a socket behind its handshake. */
type End = {
  socket: Socket;
  received(): Buffer;
  has(bytes: number): Promise<void>;
  ended: Promise<void>;
  closed: Promise<void>;
};

let onUpstream: (end: End) => void = () => {};
// Half-open on both sides: who has read an end may still be in the middle of a frame of its own.
const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  endOf(socket).then((end) => onUpstream(end));
}).listen(0, '127.0.0.1');
after(() => server.close());
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const gateway = await startGateway({ after }, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });

/** Both ends of a new WebSocket, and how its session is ended. */
async function open(): Promise<{ browser: End; upstream: End; revoke(): Promise<void> }> {
  const session = gateway.signIn();
  const upstreamReady = new Promise<End>((resolve) => {
    onUpstream = resolve;
  });
  const socket = connect({ port: gateway.port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  socket.write(
    `GET /socket HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${gateway.cookie(session, 'wiki.test')}\r\nOrigin: http://wiki.test\r\n` +
      `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n\r\n`,
  );
  const [browser, upstream] = await Promise.all([endOf(socket), upstreamReady]);
  return {
    browser,
    upstream,
    revoke: async () => {
      gateway.sessions.delete(session.id);
      await gateway.changed({ kind: 'session', id: session.id });
    },
  };
}

/** Takes the head of the handshake off; the upstream's end answers it. */
async function endOf(socket: Socket): Promise<End> {
  let bytes = Buffer.alloc(0);
  let wake = () => {};
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    wake();
  });
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      resolve();
      wake();
    });
  });
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'close'] as const) socket.once(event, () => resolve());
  });
  const when = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      wake = () => {
        if (holds() || socket.closed) resolve();
      };
      wake();
    });
  await when(() => bytes.includes('\r\n\r\n'));
  const head = bytes.indexOf('\r\n\r\n') + 4;
  if (bytes.toString('latin1', 0, 4) === 'GET ') socket.write(SWITCHED);
  else assert.match(bytes.toString('latin1', 0, head), /^HTTP\/1\.1 101 /);
  bytes = bytes.subarray(head);
  return { socket, received: () => bytes, has: (count) => when(() => bytes.length >= count), ended, closed };
}

type Frame = {
  fin: boolean;
  reserved: number;
  opcode: number;
  masked: boolean;
  /** How the length is written; a short one may be written long. */
  form: 'short' | 'middle' | 'long';
  payload: Uint8Array;
};

function encode({ fin, reserved, opcode, masked, form, payload }: Frame): Buffer {
  const { length } = payload;
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = masked ? 0x80 : 0;
  const shortest = length < 126 ? 'short' : length < 65_536 ? 'middle' : 'long';
  const written = form === 'long' || shortest === 'long' ? 'long' : shortest === 'middle' ? 'middle' : form;
  const head =
    written === 'short' ? Buffer.from([first, mask | length]) : Buffer.alloc(written === 'middle' ? 4 : 10, first);
  if (written !== 'short') head[1] = mask | (written === 'middle' ? 126 : 127);
  if (written === 'middle') head.writeUInt16BE(length, 2);
  if (written === 'long') head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, masked ? Buffer.from('01020304', 'hex') : Buffer.alloc(0), payload]);
}

const frame: fc.Arbitrary<Frame> = fc.record({
  fin: fc.boolean(),
  reserved: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 7 }) },
  ),
  opcode: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 1, 2, 8, 9, 10) }, { weight: 1, arbitrary: fc.nat(15) }),
  masked: fc.boolean(),
  form: fc.constantFrom('short', 'middle', 'long'),
  payload: fc.oneof(
    { weight: 8, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    { weight: 1, arbitrary: fc.nat(150_000).map((length) => new Uint8Array(length).fill(7)) },
  ),
});
const frames = fc.array(frame, { minLength: 1, maxLength: 12 }).map((list) => list.map(encode));
/** What no frame is, or one that never ends: nothing behind it is a boundary. */
const tail = fc.oneof(
  fc.constant(Buffer.alloc(0)),
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom('82ffffffffffffffffff01020304', '827fffffffffffffffff00', '8affffffffffffffffff')
    .map((hex) => Buffer.from(hex, 'hex')),
);
const cuts = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 30 });

/** Sends `bytes` in pieces of these sizes, over and over, one piece a turn. */
async function send(end: End, bytes: Buffer, sizes: readonly number[]): Promise<void> {
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    end.socket.write(bytes.subarray(at, at + size));
    at += size;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

suite('W9: frames of every kind, cut up in every way', () => {
  test('what arrives is what was sent, both ways at once, until a side ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        frames,
        tail,
        cuts,
        frames,
        tail,
        cuts,
        fc.boolean(),
        async (up, upTail, upCuts, down, downTail, downCuts, browserEnds) => {
          const { browser, upstream } = await open();
          const sentUp = Buffer.concat([...up, upTail]);
          const sentDown = Buffer.concat([...down, downTail]);
          await Promise.all([send(browser, sentUp, upCuts), send(upstream, sentDown, downCuts)]);
          await Promise.all([upstream.has(sentUp.length), browser.has(sentDown.length)]);
          (browserEnds ? browser : upstream).socket.end();
          await (browserEnds ? upstream : browser).ended;
          (browserEnds ? upstream : browser).socket.end();
          await Promise.all([browser.closed, upstream.closed]);
          assert(upstream.received().equals(sentUp));
          assert(browser.received().equals(sentDown));
        },
      ),
      { seed: SEED, numRuns: 60 },
    );
  });

  test('one byte a time changes nothing', async () => {
    const { browser, upstream } = await open();
    const stream = Buffer.concat(
      fc
        .sample(
          frame.filter(({ payload }) => payload.length < 400),
          { seed: SEED, numRuns: 12 },
        )
        .map(encode),
    );
    await Promise.all([send(browser, stream, [1]), send(upstream, stream, [1])]);
    await Promise.all([upstream.has(stream.length), browser.has(stream.length)]);
    assert(upstream.received().equals(stream));
    assert(browser.received().equals(stream));
    browser.socket.destroy();
    await upstream.ended;
    upstream.socket.destroy();
  });
});

suite('W6: a session that ends in the middle of a stream', () => {
  test('each side gets whole frames, then one Close, then the end', async () => {
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(frames, place, frames, place, async (up, upPlace, down, downPlace) => {
        const { browser, upstream, revoke } = await open();
        const [sentUp, sentDown] = [Buffer.concat(up), Buffer.concat(down)];
        const [upAt, downAt] = [Math.floor(sentUp.length * upPlace), Math.floor(sentDown.length * downPlace)];
        browser.socket.write(sentUp.subarray(0, upAt));
        upstream.socket.write(sentDown.subarray(0, downAt));
        await Promise.all([upstream.has(upAt), browser.has(downAt)]);
        await revoke();
        browser.socket.end(sentUp.subarray(upAt));
        upstream.socket.end(sentDown.subarray(downAt));
        await Promise.all([browser.closed, upstream.closed]);
        checkEnd(upstream.received(), up, upAt, true);
        checkEnd(browser.received(), down, downAt, false);
      }),
      { seed: SEED, numRuns: 40 },
    );
  });

  test('where no frame ever ends, what came is a part of what was sent, and both sides end in a second', async () => {
    for (const hex of ['82ffffffffffffffffff01020304aabbcc', '827fffffffffffffffff001122']) {
      const { browser, upstream, revoke } = await open();
      const stream = Buffer.from(hex, 'hex');
      browser.socket.write(stream);
      upstream.socket.write(stream);
      await Promise.all([upstream.has(stream.length), browser.has(stream.length)]);
      const startedAt = performance.now();
      await revoke();
      await Promise.all([browser.ended, upstream.ended]);
      assert(performance.now() - startedAt < 1_000);
      assert(upstream.received().equals(stream));
      assert(browser.received().equals(stream));
      browser.socket.destroy();
      upstream.socket.destroy();
    }
  });
});

test('after all of it the gateway holds nothing and serves', async () => {
  await gateway.until(() => gateway.context.live.size === 0);
  const { browser, upstream } = await open();
  browser.socket.end();
  await upstream.ended;
  upstream.socket.end();
  await Promise.all([browser.closed, upstream.closed]);
  assert.equal(gateway.context.live.size, 0);
});

/** `at`: how much had passed when the session ended. Behind it come whole frames, if any, then a Close of ours, then nothing. */
function checkEnd(received: Buffer, sent: readonly Buffer[], at: number, masked: boolean): void {
  const ends = sent.map((_bytes, i) => sent.slice(0, i + 1).reduce((sum, { length }) => sum + length, 0));
  const passed = received.length - closeLength(masked);
  assert([0, ...ends].includes(passed) && passed >= at, `${passed} bytes passed of ${ends}, ${at} before the end`);
  assert(received.subarray(0, passed).equals(Buffer.concat(sent).subarray(0, passed)));
  const close = received.subarray(passed);
  assert.equal(close[0], 0x88);
  const code = close.subarray(masked ? 6 : 2).map((byte, i) => (masked ? byte ^ (close[2 + (i % 4)] ?? 0) : byte));
  assert.equal(((code[0] ?? 0) << 8) | (code[1] ?? 0), SESSION_OVER);
  assert.equal(Buffer.from(code.subarray(2)).toString(), REASON);
}

/** Of the Close that such a reason makes (RFC 6455 §5.5.1): head, mask, code and reason. */
function closeLength(masked: boolean): number {
  return 2 + (masked ? 4 : 0) + 2 + REASON.length;
}
