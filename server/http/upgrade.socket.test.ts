// Promises about WebSockets: the same checks as any request, a real 101 or nothing, and an end when permission ends.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, suite, test } from 'node:test';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import type { Session } from '#server/core/identity.ts';
import { CODES, cell, OUTCOMES, PROTOCOLS } from './counters.ts';
import {
  type Ends,
  HOUR_MS,
  httpServer,
  rawServer,
  startGateway,
  type TestGateway,
  type TestOptions,
} from './gateway.testing.ts';
import { openHttp2 } from './http2-client.testing.ts';
import { header, type RawClient, rawClient } from './raw-client.testing.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = createHash('sha1').update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

const SWITCHED = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`;

/** An echo by npm `ws` behind a gateway. `requests` are the heads that it saw. */
async function echo(t: Ends, options: Partial<TestOptions> = {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true });
  await once(server, 'listening');
  const requests: string[][] = [];
  server.on('connection', (socket, request) => {
    requests.push(request.rawHeaders);
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const gateway = await startGateway(t, {
    apps: [
      { id: 'wiki', hosts: ['wiki.test', 'cdn.wiki.test'], upstream: port, identityHeaders: ['remote'] },
      { id: 'bank', hosts: ['bank.test'], upstream: port },
    ],
    ...options,
  });
  const session = gateway.signIn();
  return { gateway, server, requests, session, cookie: gateway.cookie(session, 'wiki.test') };
}

function browser(gateway: TestGateway, cookie: string, origin: string, options: ClientOptions = {}): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${gateway.port}/socket?a=%20b`, {
    headers: { Host: 'wiki.test', Cookie: cookie },
    origin,
    ...options,
  });
}

const shared = await echo({ after });

function handshake(lines: Record<string, string | null> = {}, request = 'GET /socket HTTP/1.1'): string {
  const all: Record<string, string | null> = {
    Host: 'wiki.test',
    Cookie: shared.cookie,
    Origin: 'http://wiki.test',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': KEY,
    ...lines,
  };
  const text = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}\r\n`]));
  return `${request}\r\n${text.join('')}\r\n`;
}

async function refused(bytes: string, status: number | RegExp): Promise<string> {
  const dials = shared.gateway.dials();
  const client = await rawClient(shared.gateway.port);
  client.write(bytes);
  const text = await client.rest();
  assert.match(text, status instanceof RegExp ? status : new RegExp(`^HTTP/1\\.1 ${status} `));
  assert.match(text, /\r\nconnection: close\r\n/i);
  assert.match(text, /\r\nfoyer-support-id: /i);
  assert.equal(text.match(/HTTP\/1\.1 \d/g)?.length, 1);
  assert.equal(shared.gateway.dials(), dials, 'nothing was dialled');
  return text;
}

test('a WebSocket passes messages both ways, with identity and without our cookies', async () => {
  const { gateway, cookie, requests } = shared;
  const socket = browser(gateway, `${cookie}; a=1`, 'http://wiki.test', {
    headers: { Host: 'wiki.test', Cookie: `${cookie}; a=1`, Remote_User: 'root', 'X-Forwarded-For': '1.2.3.4' },
  });
  await once(socket, 'open');
  const seen = requests.at(-1) ?? [];
  assert.equal(header(seen, 'cookie'), 'a=1');
  assert.equal(header(seen, 'remote-user'), 'ada@corp.example');
  assert.equal(header(seen, 'remote_user'), null, 'S2: stripped on upgrades too');
  assert.equal(header(seen, 'x-forwarded-for'), '127.0.0.1');
  for (const message of ['hello', 'ü'.repeat(70_000), '']) {
    socket.send(message);
    const [got] = await once(socket, 'message');
    assert.equal(got.toString(), message);
  }
  socket.close(1000, 'bye');
  const [code] = await once(socket, 'close');
  assert.equal(code, 1000);
});

test('a WebSocket works over TLS', async (t) => {
  const { gateway, cookie } = await echo(t, { scheme: 'https' });
  const overTls: ClientOptions & { servername: string } = {
    servername: 'wiki.test',
    rejectUnauthorized: false,
    headers: { Host: 'wiki.test', Cookie: cookie },
    origin: 'https://wiki.test',
  };
  const socket = new WebSocket(`wss://127.0.0.1:${gateway.port}/`, overTls);
  await once(socket, 'open');
  socket.send('hello');
  const [got] = await once(socket, 'message');
  assert.equal(got.toString(), 'hello');
  socket.terminate();
});

for (const origin of [
  null,
  'null',
  'http://bank.test',
  'http://portal.test',
  'http://wiki.test.evil.test',
  'http://wiki.test:8080',
  'https://wiki.test',
  'http://WIKI.test/',
  'http://evil.test, http://wiki.test',
  '',
]) {
  test(`W1: Origin ${origin} is refused before dialling`, async () =>
    void (await refused(handshake({ Origin: origin }), 403)));
}

test('W1: two Origin lines are refused; another host of the same app is let in', async () => {
  await refused(handshake({ 'X-A': '1\r\nOrigin: http://wiki.test' }), 403);
  const socket = browser(shared.gateway, shared.cookie, 'http://cdn.wiki.test');
  await once(socket, 'open');
  socket.terminate();
});

test('W2: without a session, or with another app’s cookie, there is no 101', async () => {
  const { gateway, session } = shared;
  await refused(handshake({ Cookie: null }), 401);
  await refused(handshake({ Cookie: '__Host-foyer-grant=AAAA' }), 401);
  await refused(handshake({ Cookie: gateway.cookie(session, 'bank.test') }), 401);
  await gateway.until(() => gateway.audits.some((event) => event.action === 'grant-replayed'));
  const old = gateway.signIn({}, { expiresAt: gateway.clock.now });
  const expired = gateway.cookie({ ...old, expiresAt: gateway.clock.now + 1 }, 'wiki.test');
  await refused(handshake({ Cookie: expired }), 401);
  const stranger = gateway.signIn({ userId: 'eve', disabled: true });
  await refused(handshake({ Cookie: gateway.cookie(stranger, 'wiki.test') }), 403);
  assert(gateway.audits.some((event) => event.action === 'access-refused' && event.reason === 'user-disabled'));
});

suite('W3: what is no opening handshake', () => {
  for (const [what, bytes, status] of [
    ['POST with a body', `${handshake({ 'Content-Length': '5' }, 'POST /socket HTTP/1.1')}hello`, 400],
    ['GET with a body', `${handshake({ 'Content-Length': '5' })}hello`, 400],
    ['GET with chunks', `${handshake({ 'Transfer-Encoding': 'chunked' })}0\r\n\r\n`, 400],
    ['HTTP/1.0', handshake({}, 'GET /socket HTTP/1.0'), 400],
    ['another protocol', handshake({ Upgrade: 'TLS/1.0' }), 400],
    ['kubectl exec of old', handshake({ Upgrade: 'SPDY/3.1' }, 'POST /exec HTTP/1.1'), 400],
    ['docker attach', handshake({ Upgrade: 'tcp' }, 'POST /attach HTTP/1.1'), 400],
    ['a list of protocols', handshake({ Upgrade: 'websocket, h2c' }), 400],
    ['two Upgrade lines', handshake({ Upgrade: 'websocket\r\nUpgrade: websocket' }), 400],
    ['a wrong version', handshake({ 'Sec-WebSocket-Version': '8' }), 426],
    ['no version', handshake({ 'Sec-WebSocket-Version': null }), 426],
    ['two versions', handshake({ 'Sec-WebSocket-Version': '13\r\nSec-WebSocket-Version: 8' }), 426],
    ['no key', handshake({ 'Sec-WebSocket-Key': null }), 400],
    ['a short key', handshake({ 'Sec-WebSocket-Key': 'AAAA' }), 400],
    ['two keys', handshake({ 'Sec-WebSocket-Key': `${KEY}\r\nSec-WebSocket-Key: ${KEY}` }), 400],
    ['an absolute target elsewhere', handshake({}, 'GET http://169.254.169.254/ HTTP/1.1'), 400],
    ['two Host lines', handshake({ Host: 'wiki.test\r\nHost: bank.test' }), 400],
    ['CONNECT', handshake({}, 'CONNECT wiki.test:80 HTTP/1.1'), 405],
    ['the portal', handshake({ Host: 'portal.test', Origin: 'http://portal.test' }), 404],
    ['an unknown host', handshake({ Host: 'nobody.test' }), 404],
    ['a reserved path', handshake({}, 'GET /.foyer/session HTTP/1.1'), 404],
  ] as const) {
    test(`${what}: ${status}`, async () => void (await refused(bytes, status)));
  }

  test('a 426 says which version', async () => {
    assert.match(await refused(handshake({ 'Sec-WebSocket-Version': '8' }), 426), /sec-websocket-version: 13/i);
  });

  test('no Connection: upgrade is a normal request', async (t) => {
    const port = await httpServer(t, (request, response) => response.end(request.headers.upgrade ?? 'none'));
    const gateway = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
    const client = await rawClient(gateway.port);
    client.write(handshake({ Connection: 'keep-alive', Cookie: gateway.cookie(gateway.signIn(), 'wiki.test') }));
    assert.equal((await client.answer()).body, 'none');
    client.socket.destroy();
  });

  test('bytes before the 101 are sent on only after it', async (t) => {
    let received = '';
    let upstream: Socket | null = null;
    const port = await rawServer(t, (socket) => {
      upstream = socket;
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString('latin1');
      });
    });
    const gateway = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
    const client = await rawClient(gateway.port);
    client.write(`${handshake({ Cookie: gateway.cookie(gateway.signIn(), 'wiki.test') })}EARLY`);
    const socket = await dialled(gateway, () => upstream);
    await arrived(socket, () => received.includes('\r\n\r\n'));
    assert(!received.includes('EARLY'));
    socket.write(SWITCHED);
    await arrived(socket, () => received.endsWith('EARLY'));
    client.socket.destroy();
  });
});

suite('W4: an upstream that does not switch', () => {
  const answered = async (t: Ends, answer: string, close = true) => {
    let ended: Promise<unknown> = Promise.resolve();
    const port = await rawServer(t, (socket) => {
      ended = once(socket, 'close');
      socket.once('data', () => {
        if (close) socket.end(Buffer.from(answer, 'latin1'));
        else socket.write(Buffer.from(answer, 'latin1'));
      });
    });
    const gateway = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
    const client = await rawClient(gateway.port);
    client.write(
      `${handshake({ Cookie: gateway.cookie(gateway.signIn(), 'wiki.test') })}GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    const text = await client.rest();
    await ended;
    await gateway.until(() => gateway.context.live.size === 0);
    return text;
  };

  for (const [status, extra] of [
    ['200 OK', ''],
    ['200 OK', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'],
    ['403 Forbidden', ''],
    ['404 Not Found', 'Set-Cookie: __Host-foyer-grant=x\r\nSet-Cookie: a=b\r\nX-Latin: \xe9\r\n'],
    ['302 Found', 'Location: http://10.0.0.1/\r\n'],
  ] as const) {
    test(`${status} ${extra === '' ? '' : `with ${extra.slice(0, 20).trim()}…`} is relayed once and both sides close`, async (t) => {
      const text = await answered(t, `HTTP/1.1 ${status}\r\nContent-Length: 4\r\n${extra}\r\nbody`, false);
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status.slice(0, 3)} `));
      assert.match(text, /\r\nConnection: close\r\n/i);
      assert.match(text, /\r\n\r\nbody$/);
      assert.doesNotMatch(text, /foyer-grant|\r\nupgrade:/i);
      if (extra.includes('X-Latin')) assert.match(text, /X-Latin: \xe9\r\n/);
    });
  }

  test('a body without a length is chunked, and whole', async (t) => {
    const text = await answered(t, 'HTTP/1.1 503 Busy\r\n\r\nsome body');
    assert.match(text, /Transfer-Encoding: chunked/i);
    assert.match(text, /\r\n9\r\nsome body\r\n0\r\n\r\n$/);
  });

  test('a body that breaks off never looks whole', async (t) => {
    const text = await answered(t, 'HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n9');
    assert.doesNotMatch(text, /0\r\n\r\n$/);
  });

  for (const [what, lines] of [
    ['no accept', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'],
    ['a wrong accept', `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${KEY}\r\n`],
    [
      'two accepts',
      `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${ACCEPT}\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n`,
    ],
    ['another protocol', `Connection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n`],
    [
      'an unasked subprotocol',
      `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${ACCEPT}\r\nSec-WebSocket-Protocol: x\r\n`,
    ],
  ] as const) {
    test(`101 with ${what} is 502`, async (t) => {
      const text = await answered(t, `HTTP/1.1 101 Switching Protocols\r\n${lines}\r\n\x81\x05pwned`, false);
      assert.match(text, /^HTTP\/1\.1 502 /);
      assert.doesNotMatch(text, /pwned/);
    });
  }

  for (const answer of [
    '',
    'garbage\r\n\r\n',
    'HTTP/1.1 200\0OK\r\n\r\n',
    'HTTP/1.1 700 X\r\nContent-Length: 0\r\n\r\n',
  ]) {
    test(`an answer that is none is 502: ${JSON.stringify(answer)}`, async (t) => {
      assert.match(await answered(t, answer), /^HTTP\/1\.1 502 /);
    });
  }
});

test('U1: no upstream is 502, a silent one is 504 in time', async (t) => {
  const silent = await rawServer(t, () => {});
  const gateway = await startGateway(t, {
    apps: [
      { id: 'wiki', hosts: ['wiki.test'], upstream: 1 },
      { id: 'bank', hosts: ['bank.test'], upstream: silent },
    ],
    limits: { upstreamHeadersTimeoutMs: 50 },
  });
  const session = gateway.signIn();
  for (const [host, status] of [
    ['wiki.test', 502],
    ['bank.test', 504],
  ] as const) {
    const client = await rawClient(gateway.port);
    client.write(handshake({ Host: host, Origin: `http://${host}`, Cookie: gateway.cookie(session, host) }));
    assert.match(await client.rest(), new RegExp(`^HTTP/1\\.1 ${status} `));
  }
});

test('U1: an app’s own times hold for its WebSocket handshakes, and for what it answers in place of one', async (t) => {
  const silent = await rawServer(t, () => {});
  const halting = await rawServer(t, (socket) =>
    socket.once('data', () => socket.write('HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\nha')),
  );
  const timeouts = { connect: null, headers: 50, idle: 50 };
  const gateway = await startGateway(t, {
    apps: [
      { id: 'wiki', hosts: ['wiki.test'], upstream: silent, traffic: { timeouts } },
      { id: 'bank', hosts: ['bank.test'], upstream: halting, traffic: { timeouts } },
    ],
  });
  const session = gateway.signIn();
  for (const [host, got] of [
    ['wiki.test', /^HTTP\/1\.1 504 /],
    ['bank.test', /^HTTP\/1\.1 403 [\s\S]*\r\n\r\nha$/],
  ] as const) {
    const client = await rawClient(gateway.port);
    client.write(handshake({ Host: host, Origin: `http://${host}`, Cookie: gateway.cookie(session, host) }));
    assert.match(await client.rest(), got);
  }
});

test('U8: handshakes that an upstream breaks count against its address, those that it answers do not', async (t) => {
  const line = 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ';
  for (const [answer, state, why] of [
    ['', 'ejected', 'upstream-closed'],
    [`${line}wrong\r\n\r\n`, 'ejected', 'upgrade-failed'],
    ['HTTP/1.1 x\r\n\r\n', 'ejected', 'upstream-protocol'],
    ['HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n', 'ejected', 'status 502'],
    ['HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n', 'well', undefined],
    [`${line}${ACCEPT}\r\nSec-WebSocket-Protocol: unoffered\r\n\r\n`, 'well', undefined],
  ] as const) {
    const port = await rawServer(t, (socket) => socket.once('data', () => socket.end(answer)));
    const gateway = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    for (let i = 0; i < 5; i += 1) {
      const client = await rawClient(gateway.port);
      client.write(handshake({ Cookie: cookie }));
      await client.rest();
    }
    const endpoint = gateway.context.upstreams.view()[0]?.endpoints[0];
    assert.deepEqual([endpoint?.state, endpoint?.lastFailure?.why], [state, why], answer);
  }
});

test('a browser that leaves during the handshake ends the upstream’s side at once', async (t) => {
  let upstream: Socket | null = null;
  const port = await rawServer(t, (socket) => {
    upstream = socket;
    socket.resume();
  });
  const gateway = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
  const client = await rawClient(gateway.port);
  client.write(handshake({ Cookie: gateway.cookie(gateway.signIn(), 'wiki.test') }));
  const socket = await dialled(gateway, () => upstream);
  const closed = once(socket, 'close');
  client.socket.resetAndDestroy();
  await closed;
  assert.equal(gateway.context.live.size, 0);
});

test('R8: one person, and all together, keep as many WebSockets to an app as they may; requests are not among them', async (t) => {
  const { gateway, session } = await echo(t, {
    limits: { webSockets: 3, webSocketsPerPerson: 2, upstreamRequests: 1, upstreamTurns: 0 },
  });
  const bob = gateway.signIn({ userId: 'bob' });
  const again = gateway.signIn();
  const shake = async (who: Session, host = 'wiki.test'): Promise<RawClient & { head: string }> => {
    const client = await rawClient(gateway.port);
    client.write(handshake({ Host: host, Origin: `http://${host}`, Cookie: gateway.cookie(who, host) }));
    return { ...client, head: await client.when((text) => text.includes('\r\n\r\n')) };
  };
  const opened = async (...args: Parameters<typeof shake>) => {
    const client = await shake(...args);
    assert.match(client.head, /^HTTP\/1\.1 101 /);
    return client;
  };
  const refused = async (...args: Parameters<typeof shake>) => {
    const dials = gateway.dials();
    const { head } = await shake(...args);
    assert.match(head, /^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: 10\r\n/);
    assert.equal(gateway.dials(), dials, 'nothing was dialled');
    const line = await gateway.accessLine(/foyer-support-id: (\S+)/i.exec(head)?.[1] ?? '');
    assert.deepEqual([line.reason, line.status, line.user], ['overloaded', 503, args[0].identity.userId]);
  };

  const first = await opened(session);
  await opened(session);
  await refused(session);
  await refused(again);
  await opened(session, 'bank.test');
  await opened(bob);
  await refused(bob);
  assert.equal(gateway.context.counters.refusals.get('overloaded'), 3);
  const client = await rawClient(gateway.port);
  client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${gateway.cookie(bob, 'wiki.test')}\r\n\r\n`);
  assert.equal((await client.answer()).status, 426, 'the app itself says that it wants a WebSocket');
  client.socket.destroy();

  const open = gateway.context.counters.webSockets;
  first.socket.destroy();
  await gateway.until(() => gateway.context.counters.webSockets === open - 1);
  await opened(again);
  await refused(again);
});

test('a handshake with an app under maintenance is 503, and says when to ask again, as its requests do', async (t) => {
  const gateway = await startGateway(t, {
    apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: 1, traffic: { maintenance: 'Back at noon.' } }],
  });
  const client = await rawClient(gateway.port);
  client.write(handshake({ Cookie: gateway.cookie(gateway.signIn(), 'wiki.test') }));
  assert.match(await client.rest(), /^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: 120\r\n/);
  assert.equal(gateway.dials(), 0);
});

suite('the access line of a handshake, and what it counts as', () => {
  /** How the requests to an app ended, without their protocol. */
  const outcomes = (gateway: TestGateway): string[] =>
    CODES.flatMap((code, c) =>
      PROTOCOLS.flatMap((_, p) =>
        OUTCOMES.filter((_, o) => gateway.context.counters.apps.get('wiki')?.requests[cell(c, p, o)]).map(
          (outcome) => `${code} ${outcome}`,
        ),
      ),
    );

  test('a WebSocket whose session ends was cut, and its bytes in both directions and its answer’s time are told', async (t) => {
    const { gateway, session, cookie } = await echo(t);
    const socket = browser(gateway, cookie, 'http://wiki.test', { perMessageDeflate: false });
    await once(socket, 'open');
    socket.send(Buffer.alloc(100_000));
    await once(socket, 'message');
    const [entry] = gateway.context.live.all();
    gateway.sessions.delete(session.id);
    await gateway.changed({ kind: 'session', id: session.id });
    const line = await gateway.accessLine(entry?.id ?? '');
    assert.deepEqual([line.status, line.reason], [101, 'session-unknown']);
    assert.deepEqual(outcomes(gateway), ['1xx cut']);
    assert.deepEqual([...gateway.context.counters.refusals], []);
    for (const bytes of [line.bytes, line.received]) assert(Number(bytes) > 100_000 && Number(bytes) < 101_000);
    assert.equal(typeof line.upstreamMs, 'number');
  });

  test('one that the app did not want was forwarded', async (t) => {
    const port = await httpServer(t, (_request, response) => response.writeHead(404).end('no'));
    const gateway = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
    const client = await rawClient(gateway.port);
    client.write(handshake({ Cookie: gateway.cookie(gateway.signIn(), 'wiki.test') }));
    const id = /foyer-support-id: (\S+)/i.exec(await client.rest())?.[1] ?? '';
    const line = await gateway.accessLine(id);
    assert.deepEqual([line.status, line.reason], [404, 'upstream-refused-upgrade']);
    assert.equal(typeof line.upstreamMs, 'number');
    assert.deepEqual(outcomes(gateway), ['4xx forwarded']);
  });
});

suite('W6: the end of permission', () => {
  for (const [what, change, expected] of [
    ['the session is ended', 'session', 4401],
    ['the person is disabled', 'user', 1008],
    ['the app is disabled', 'catalogue', 1008],
    ['the session reaches its end', 'time', 4401],
    ['the session is idle for too long', 'idle', 4401],
    ['the change feed is lost', 'feed', 1008],
  ] as const) {
    test(`${what}: close ${expected}, and a new socket is refused`, async (t) => {
      const { gateway, server, session, cookie } = await echo(t);
      const socket = browser(gateway, cookie, 'http://wiki.test');
      await once(socket, 'open');
      const [peer] = server.clients;
      assert(peer);
      const closing = Promise.all([once(socket, 'close'), once(peer, 'close')]);
      const startedAt = performance.now();
      switch (change) {
        case 'session':
          gateway.sessions.delete(session.id);
          await gateway.changed({ kind: 'session', id: session.id });
          break;
        case 'user':
          gateway.sessions.set(session.id, { ...session, identity: { ...session.identity, disabled: true } });
          await gateway.changed({ kind: 'user', id: session.identity.userId });
          break;
        case 'catalogue':
          gateway.setApps([{ id: 'wiki', hosts: ['wiki.test'], upstream: 1, enabled: false }]);
          await gateway.changed({ kind: 'catalogue' });
          break;
        case 'time':
          gateway.clock.now = session.expiresAt;
          gateway.clock.feedConfirmedAt = gateway.clock.now;
          gateway.sweep();
          break;
        case 'idle':
          gateway.clock.now += 8 * HOUR_MS;
          gateway.clock.feedConfirmedAt = gateway.clock.now;
          gateway.sweep();
          break;
        case 'feed':
          gateway.clock.now += 15 * 60_000 + 1;
          gateway.sweep();
          break;
      }
      const [[code], [peerCode]] = await closing;
      assert(performance.now() - startedAt < 1_000);
      assert.equal(code, expected);
      assert.equal(peerCode, code);
      const again = browser(gateway, cookie, 'http://wiki.test');
      const [, response] = await once(again, 'unexpected-response');
      assert([401, 403, 404, 503].includes(response.statusCode));
      again.on('error', () => {});
      again.terminate();
    });
  }

  test('C11: data that the browser sends counts as activity, an answered ping does not', async (t) => {
    const { gateway, server, session, cookie } = await echo(t);
    const socket = browser(gateway, cookie, 'http://wiki.test');
    await once(socket, 'open');
    const [peer] = server.clients;
    assert(peer);
    gateway.clock.now += 2 * 60_000;
    gateway.clock.feedConfirmedAt = gateway.clock.now;
    peer.ping();
    await once(peer, 'pong');
    assert.deepEqual(gateway.context.sessions.takeTouched(), []);
    socket.send('typed by a person');
    await once(socket, 'message');
    assert.deepEqual(gateway.context.sessions.takeTouched(), [{ id: session.id, at: gateway.clock.now }]);
    socket.terminate();
  });

  test('a revocation during the dial opens no socket', async (t) => {
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<string>();
    const port = await rawServer(t, (socket) => {
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
      });
      socket.once('close', () => reached.resolve(text));
    });
    const upstream = async (): Promise<Socket> => {
      started.resolve();
      await finish.promise;
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    };
    const gateway = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream }] });
    const session = gateway.signIn();
    const client = await rawClient(gateway.port);
    client.write(handshake({ Cookie: gateway.cookie(session, 'wiki.test') }));
    await started.promise;
    gateway.sessions.delete(session.id);
    await gateway.changed({ kind: 'session', id: session.id });
    await client.closed;
    assert.equal(gateway.context.live.size, 0);
    finish.resolve();
    assert.equal(await reached.promise, '', 'not a byte went to the upstream');
  });
});

test('W7: a peer that answers no ping is dead after two misses, on both sides', async (t) => {
  const { gateway, server, cookie } = await echo(t, { limits: { webSocketPingMs: 40 } });
  const socket = browser(gateway, cookie, 'http://wiki.test', { autoPong: false });
  await once(socket, 'open');
  const [peer] = server.clients;
  assert(peer);
  let pings = 0;
  socket.on('ping', () => {
    pings += 1;
  });
  await Promise.all([once(socket, 'close'), once(peer, 'close')]);
  assert.equal(pings, 2);
  await gateway.until(() => gateway.context.live.size === 0);
});

test('the end of a WebSocket arrives whole, however slow its reader is and whatever it says meanwhile', async (t) => {
  const long = Buffer.alloc(6_000_000);
  const head = Buffer.alloc(10);
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(long.length), 2);
  const message = Buffer.concat([head, long, Buffer.from([0x88, 2, 3, 0xe8])]);
  const ping = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);
  const port = await rawServer(t, (socket) => {
    socket.once('data', () => socket.end(Buffer.concat([Buffer.from(SWITCHED), message])));
  });
  const gateway = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
  const socket = connect(gateway.port, '127.0.0.1');
  const errors: Error[] = [];
  let received = Buffer.alloc(0);
  socket.on('error', (error) => errors.push(error));
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    socket.pause();
    socket.write(ping);
    setTimeout(() => socket.resume(), 1);
  });
  socket.write(handshake({ Cookie: gateway.cookie(gateway.signIn(), 'wiki.test') }));
  await once(socket, 'close');
  assert.deepEqual(errors, []);
  assert.equal(received.length - received.indexOf('\r\n\r\n') - 4, message.length);
});

test('W8: a browser that does not read holds the upstream back', async (t) => {
  let sent = 0;
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const flowing = Promise.withResolvers<Socket>();
  server.on('connection', (peer) => {
    peer.on('error', () => {});
    const raw = (peer as unknown as { _socket: Socket })._socket;
    const chunk = Buffer.alloc(64 * 1024);
    const pump = (): void => {
      while (sent < 200_000_000) {
        sent += chunk.length;
        peer.send(chunk);
        if (raw.writableNeedDrain) {
          raw.once('drain', pump);
          flowing.resolve(raw);
          return;
        }
      }
    };
    pump();
  });
  const gateway = await startGateway(t, {
    apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: (server.address() as { port: number }).port }],
  });
  const client = await rawClient(gateway.port);
  client.socket.pause();
  client.write(handshake({ Cookie: gateway.cookie(gateway.signIn(), 'wiki.test') }));
  await flowing.promise;
  let before = -1;
  while (before !== sent) {
    before = sent;
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }
  assert(sent < 30_000_000, `${sent} bytes were taken for a browser that reads nothing`);
  client.socket.destroy();
});

test('W10: WebSocket over HTTP/2 is off', async (t) => {
  const gateway = await startGateway(t, { scheme: 'https', apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: 1 }] });
  const session = await openHttp2(gateway.port, 'wiki.test');
  assert.notEqual(session.remoteSettings.enableConnectProtocol, true);
  session.close();
});

/** The socket that an upstream got, once it got one. */
async function dialled(gateway: TestGateway, socket: () => Socket | null): Promise<Socket> {
  await gateway.until(() => socket() !== null);
  const got = socket();
  assert(got);
  return got;
}

async function arrived(socket: Socket, holds: () => boolean): Promise<void> {
  while (!holds()) await once(socket, 'data');
}
