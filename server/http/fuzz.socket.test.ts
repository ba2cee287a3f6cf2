// Promises that hold for any bytes at all: the gateway lives, and what reaches an app was admitted and is ours to vouch for.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { httpServer, rawServer, startGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import { rawClient } from './raw-client.testing.ts';

/** Each request as the upstream's own parser understood it: one that was smuggled would lack what the gateway adds. */
const heads: string[] = [];
const port = await httpServer({ after }, (request, response) => {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let i = 0; i < request.rawHeaders.length; i += 2)
    lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
  heads.push(lines.join('\r\n'));
  request.resume();
  request.on('error', () => {});
  response.end('ok');
});
const gateway = await startGateway(
  { after },
  {
    scheme: 'https',
    apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }],
    limits: { headersTimeoutMs: 1_000 },
  },
);
const plain = await startGateway({ after }, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
const plainCookie = plain.cookie(plain.signIn(), 'wiki.test');

/** A small generator with a seed (mulberry32), so that a failure can be seen again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

async function alive(): Promise<void> {
  const client = await openHttp2(gateway.port, 'wiki.test');
  assert.equal((await ask(client, { ':path': '/alive', cookie })).status, 200);
  client.destroy();
  const raw = await rawClient(plain.port);
  raw.write(`GET /alive HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${plainCookie}\r\n\r\n`);
  assert.equal((await raw.answer()).status, 200);
  raw.socket.destroy();
}

/** What must be true of every head that an app was sent. */
function checkHeads(): void {
  for (const head of heads) {
    const lines = head.split('\r\n');
    const values = (name: string) =>
      lines
        .slice(1)
        .filter((line) => line.toLowerCase().startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1).trim());
    assert.match(lines[0] ?? '', /^[A-Z-]+ \/[^ \r\n]* HTTP\/1\.1$/, head);
    assert.deepEqual(values('host'), ['wiki.test'], head);
    assert.deepEqual(values('x-forwarded-for'), ['127.0.0.1'], head);
    assert(values('content-length').length + values('transfer-encoding').length <= 1, head);
    assert.equal(values('foyer-assertion').length, 1, head);
    assert.deepEqual(values('remote-user'), [], head);
    assert.doesNotMatch(head, /__host-foyer|[\0\r]\r|\n[^\r]*\n[ \t]/i, head);
  }
}

/** Good requests one after the other: some of those before them have a session to read and a connection to open first. */
const ROUNDS = 20;

const SEEDS = [
  `GET /a HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${plainCookie}\r\nRemote-User: root\r\n\r\n`,
  `POST /b HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${plainCookie}\r\nContent-Length: 5\r\n\r\nhello`,
  `POST /c HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${plainCookie}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  `GET /d HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${plainCookie}\r\nOrigin: http://wiki.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  'POST /.foyer/session HTTP/1.1\r\nHost: wiki.test\r\nOrigin: http://portal.test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5\r\n\r\ntry=x',
];
const PIECES = [
  ...[
    '\r',
    '\n',
    '\r\n',
    '\0',
    ' ',
    '\t',
    ':',
    ';',
    ',',
    '\x0b',
    '\x80',
    '\xff',
    '%0d%0a',
    '_',
    '..',
    '//',
    '@',
    '#',
    '?',
  ],
  ...['Host: evil.test\r\n', 'Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: x\r\n'],
  ...['Remote_User: root\r\n', 'Connection: Host, Foyer-Assertion, X-Forwarded-For\r\n', 'Expect: 100-continue\r\n'],
  ...[
    'GET /x HTTP/1.1\r\nHost: evil.test\r\n\r\n',
    '0\r\n\r\n',
    'HTTP/1.0',
    'HTTP/2.0',
    'X-Forwarded-For: 6.6.6.6\r\n',
  ],
];

test('P5: any HTTP/1 bytes made of good requests and bad pieces', async () => {
  const next = random(20_261_120);
  const one = (): string => {
    let text = SEEDS[next(SEEDS.length)] ?? '';
    for (let edits = 1 + next(3); edits > 0; edits -= 1) {
      const at = next(text.length + 1);
      const piece = PIECES[next(PIECES.length)] ?? '';
      switch (next(4)) {
        case 0:
          text = text.slice(0, at) + piece + text.slice(at);
          break;
        case 1:
          text = text.slice(0, at) + text.slice(at + 1 + next(8));
          break;
        case 2:
          text = text.slice(0, at) + String.fromCharCode(next(256)) + text.slice(at + 1);
          break;
        default: {
          const line = text.indexOf('\r\n', at);
          text = line === -1 ? text + piece : text.slice(0, line + 2) + piece + text.slice(line + 2);
        }
      }
    }
    return next(4) === 0 ? text + (SEEDS[next(SEEDS.length)] ?? '') : text;
  };
  const good = await rawClient(plain.port);
  for (let batch = 0; batch < 60; batch += 1) {
    const sockets = Array.from({ length: 25 }, () => connectTcp(plain.port, '127.0.0.1'));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const closed = sockets.map((socket) => sendAndEnd(socket, Buffer.from(one(), 'latin1'), null));
    // What was whole came before these, and is forwarded while these are answered, however slow the machine is.
    for (let later = 0; later < ROUNDS; later += 1) {
      good.write(`GET /later HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${plainCookie}\r\n\r\n`);
      assert.equal((await good.answer()).status, 200);
    }
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
  }
  good.socket.destroy();
  checkHeads();
  const passed = heads.filter((head) => !head.startsWith('GET /later '));
  assert(passed.length > 50, `${passed.length} requests were good enough to pass`);
  await alive();
});

test('P16: any HTTP/2 frames', async () => {
  const next = random(7);
  const bytes = (count: number) => Buffer.from(Array.from({ length: count }, () => next(256)));
  // :method GET, :scheme https and :path / from the static table, :authority as a literal (RFC 7541 §6).
  const good = Buffer.concat([Buffer.from([0x82, 0x87, 0x84, 0x01, 9]), Buffer.from('wiki.test')]);
  const one = (): Buffer => {
    const frames: Buffer[] = [
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      Buffer.from('000000040000000000', 'hex'),
    ];
    for (let i = 1 + next(12); i > 0; i -= 1) {
      const payload = next(3) === 0 ? good : bytes(next(40));
      const head = Buffer.alloc(9);
      head.writeUIntBE(next(10) === 0 ? next(1 << 20) : payload.length, 0, 3);
      head[3] = next(11);
      head[4] = next(2) === 0 ? 0x5 : next(256);
      head.writeUInt32BE(next(4) === 0 ? next(8) : 2 * i + 1, 5);
      frames.push(head, payload);
    }
    return Buffer.concat(frames);
  };
  for (let batch = 0; batch < 20; batch += 1) {
    await Promise.all(
      Array.from({ length: 15 }, () => {
        const socket = connectTls({
          port: gateway.port,
          host: '127.0.0.1',
          servername: 'wiki.test',
          rejectUnauthorized: false,
          ALPNProtocols: ['h2'],
        });
        return sendAndEnd(socket, one());
      }),
    );
  }
  checkHeads();
  await alive();
});

test('R1: connections that end at any moment of a TLS handshake', async () => {
  const next = random(3);
  for (let batch = 0; batch < 8; batch += 1) {
    await Promise.all(
      Array.from({ length: 20 }, () => {
        const raw = connectTcp(gateway.port, '127.0.0.1');
        const socket = connectTls({
          socket: raw,
          servername: next(4) === 0 ? 'nobody.test' : 'WIKI.test',
          rejectUnauthorized: false,
          ALPNProtocols: next(2) === 0 ? ['h2'] : ['http/1.1'],
        });
        socket.on('error', () => {});
        raw.on('error', () => {});
        const kill = () => (next(2) === 0 ? raw.resetAndDestroy() : raw.destroy());
        const moment = next(3);
        if (moment === 0) raw.once('connect', () => setImmediate(kill));
        else if (moment === 1) socket.once('secureConnect', kill);
        else setTimeout(kill, next(15));
        return new Promise((resolve) => raw.once('close', resolve));
      }),
    );
  }
  await alive();
});

/** Sends, and ends when something came back, or when nothing does within `patienceMs` (null: the caller ends it): a request that is not whole is not answered. */
function sendAndEnd(socket: Socket, bytes: Buffer, patienceMs: number | null = 60): Promise<unknown> {
  const waiting = patienceMs === null ? undefined : setTimeout(() => socket.destroy(), patienceMs);
  socket.on('error', () => {});
  socket.once('data', () => socket.end());
  socket.resume();
  socket.write(bytes);
  return new Promise((resolve) => socket.once('close', resolve)).finally(() => clearTimeout(waiting));
}

test('U1 A7: clients, upstreams and permissions that end at any moment leave nothing behind', async (t) => {
  const next = random(5);
  const chaotic = await rawServer(t, (socket) => {
    socket.on('data', () => {
      switch (next(6)) {
        case 0:
          return socket.destroy();
        case 1:
          return socket.resetAndDestroy();
        case 2:
          return socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', () =>
            next(2) === 0 ? socket.resetAndDestroy() : undefined,
          );
        case 3:
          return socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        case 4:
          return socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end');
        default:
          return socket.write(
            'HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
          );
      }
    });
  });
  const own = await startGateway(t, {
    scheme: 'https',
    apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: chaotic }],
    limits: { upstreamHeadersTimeoutMs: 200, upstreamBodyIdleMs: 200 },
  });
  const moment = () => new Promise((resolve) => setTimeout(resolve, next(10)));
  const overHttp1 = async (grant: string) => {
    const client = await rawClient(own.port, { servername: 'wiki.test' });
    const head = `Host: wiki.test\r\nCookie: ${grant}\r\n`;
    const requests = [
      `GET / HTTP/1.${next(2)}\r\n${head}\r\n`,
      `POST / HTTP/1.1\r\n${head}Content-Length: 9\r\n\r\nhalf`,
      `GET / HTTP/1.1\r\n${head}Origin: https://wiki.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    ];
    client.write(requests[next(requests.length)] ?? '');
    await moment();
    client.socket.destroy();
  };
  const overHttp2 = async (grant: string) => {
    const client = await openHttp2(own.port, 'wiki.test');
    const stream = client.request({ ':path': '/', ':method': next(2) === 0 ? 'POST' : 'GET', cookie: grant });
    stream.on('error', () => {});
    stream.resume();
    await moment();
    if (next(2) === 0) stream.close(8);
    await moment();
    client.destroy();
  };
  for (let i = 0; i < 80; i += 1) {
    const session = own.signIn();
    const grant = own.cookie(session, 'wiki.test');
    const work = [overHttp1(grant), overHttp1(grant), overHttp2(grant)];
    if (next(3) === 0) {
      own.sessions.delete(session.id);
      work.push(own.changed({ kind: 'session', id: session.id }));
    }
    await Promise.all(work);
  }
  await own.until(() => own.context.live.size === 0);
  assert(!own.logs.some((line) => line.fault === 'internal'), 'nothing of it was our own fault');
});
