// The promises of usage at a real gateway: what people did is what was counted; and an administrator ends one stream, not its neighbours.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { USAGE_COLUMNS } from '#server/core/usage.ts';
import { type Ends, httpServer, startGateway } from './gateway.testing.ts';
import { header, rawClient } from './raw-client.testing.ts';

/** An upstream whose path is its status, whose `/stream` goes on, and that echoes WebSockets. */
async function start(t: Ends) {
  const port = await httpServer(t, (request, response) => {
    if (request.url === '/stream') return response.writeHead(200).write('begin');
    response.writeHead(Number(request.url?.slice(1)), { 'content-length': 2 }).end('ok');
  });
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(sockets, 'listening');
  t.after(() => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  });
  const closed = await httpServer(t, () => {});
  const gateway = await startGateway(t, {
    apps: [
      { id: 'wiki', hosts: ['wiki.test'], upstream: port },
      { id: 'chat', hosts: ['chat.test'], upstream: (sockets.address() as { port: number }).port },
      { id: 'dead', hosts: ['dead.test'], upstream: () => Promise.reject(new Error(`nothing at ${closed}`)) },
      { id: 'bank', hosts: ['bank.test'], upstream: port, assignments: [] },
    ],
  });
  gateway.context.usage.begin(gateway.clock.now);
  const session = gateway.signIn();
  const get = (host: string, path: string, cookie = gateway.cookie(session, host)) =>
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`;
  const webSocket = async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/`, {
      headers: { host: 'chat.test', cookie: gateway.cookie(session, 'chat.test') },
      origin: 'http://chat.test',
    });
    await once(socket, 'open');
    return socket;
  };
  return { gateway, session, get, webSocket };
}

function taken(gateway: Awaited<ReturnType<typeof start>>['gateway']) {
  return new Map(
    gateway.context.usage.take().map(({ appId, numbers, ...rest }) => {
      const named = USAGE_COLUMNS.flatMap((name, at) =>
        numbers[at] && !/latency/.test(name) ? [[name, numbers[at]]] : [],
      );
      return [appId, { ...rest, numbers: Object.fromEntries(named) }];
    }),
  );
}

test('answers, faults, refusals and people are counted where they belong', async (t) => {
  const { gateway, get, webSocket } = await start(t);
  const client = await rawClient(gateway.port);
  for (const path of ['/200', '/204', '/302', '/404', '/503']) {
    client.write(get('wiki.test', path));
    await client.answer();
  }
  client.write(get('dead.test', '/200'));
  assert.equal((await client.answer()).status, 500);
  client.write(get('bank.test', '/200'));
  assert.equal((await client.answer()).status, 403);
  client.write(get('wiki.test', '/200', 'a=1'));
  await client.answer();
  client.write(get('nowhere.test', '/200', 'a=1'));
  await client.answer();
  await gateway.until(() => gateway.logs.filter((line) => 'access' in line).length === 9);
  const socket = await webSocket();

  const found = taken(gateway);
  const wiki = found.get('wiki');
  assert.deepEqual(wiki?.numbers, {
    ...{ requests: 6, answers_2xx: 2, answers_3xx: 1, answers_4xx: 1, answers_5xx: 1, refusals: 1 },
    sent: wiki?.numbers.sent,
  });
  assert.deepEqual([...(wiki?.reasons ?? [])], [['no-grant', 1]]);
  assert.deepEqual([...(wiki?.people ?? [])], [['ada', { failed: true }]]);
  assert.deepEqual([wiki?.succeeded, wiki?.failed], [true, true]);
  assert.deepEqual([...(found.get('bank')?.reasons ?? [])], [['not-assigned', 1]]);
  assert.equal(found.get('bank')?.people.size, 0, 'who is refused uses nothing');
  assert.deepEqual([...(found.get('dead')?.reasons ?? [])], [['internal', 1]]);
  assert.deepEqual([...(found.get(null)?.reasons ?? [])], [['host-unknown', 1]]);
  assert.deepEqual(found.get('chat')?.numbers, { requests: 1, answers_1xx: 1 });
  socket.terminate();
  client.socket.destroy();
});

suite('A7: an administrator ends one stream', () => {
  test('the WebSocket closes within a second, with a code that says why; what else is open stays', async (t) => {
    const { gateway, get, webSocket } = await start(t);
    const [one, other] = [await webSocket(), await webSocket()];
    const client = await rawClient(gateway.port);
    client.write(get('wiki.test', '/stream'));
    await client.when((text) => text.includes('begin'));
    const [entry] = gateway.context.live.all().filter(({ kind }) => kind === 'websocket');
    assert(entry);
    assert.equal(gateway.context.live.size, 3);
    const closed = once(one, 'close');
    const startedAt = performance.now();
    await gateway.changed({ kind: 'stream', id: entry.id });
    const [code, why] = await closed;
    assert(performance.now() - startedAt < 1_000);
    assert.equal(code, 1008);
    assert.equal(String(why), 'ended-by-admin');
    await gateway.until(() => gateway.context.live.size === 2);
    assert.equal(other.readyState, WebSocket.OPEN);
    assert.equal((await gateway.accessLine(entry.id)).reason, 'ended-by-admin');
    other.terminate();
    client.socket.destroy();
  });

  test('an answer that goes on is cut, and never looks whole', async (t) => {
    const { gateway, get } = await start(t);
    const client = await rawClient(gateway.port);
    client.write(get('wiki.test', '/stream'));
    await client.when((text) => text.includes('begin'));
    const [entry] = gateway.context.live.all();
    await gateway.changed({ kind: 'stream', id: entry?.id ?? '' });
    assert.doesNotMatch(await client.rest(), /0\r\n\r\n$/);
  });

  test('an id that nobody has ends nothing', async (t) => {
    const { gateway, webSocket } = await start(t);
    const socket = await webSocket();
    for (const id of ['', 'NOBODY', null]) await gateway.changed({ kind: 'stream', id });
    assert.equal(gateway.context.live.size, 1);
    assert.equal(socket.readyState, WebSocket.OPEN);
    socket.terminate();
  });
});

test('Z1: how long a request took is told by a clock that nobody sets', async (t) => {
  const { clock, during } = await startSlow(t);
  for (const jumpMs of [3_600_000, -3_600_000]) {
    const line = await during(() => {
      clock.now += jumpMs;
      clock.feedConfirmedAt = clock.now;
    });
    assert.ok(Number(line.ms) < 60_000 && Number(line.ms) >= Number(line.upstreamMs), JSON.stringify(line));
    assert.ok(Number(line.upstreamMs) < 60_000 && Number(line.upstreamMs) >= 1, JSON.stringify(line));
  }
});

/** A gateway to an upstream that answers when it is told to; `during` does something meanwhile, and resolves with the access line. */
async function startSlow(t: Ends) {
  const asked: (() => void)[] = [];
  let come: () => void = () => {};
  const port = await httpServer(t, (_request, response) => {
    asked.push(() => response.end('ok'));
    come();
  });
  const {
    accessLine,
    clock,
    cookie,
    port: at,
    signIn,
  } = await startGateway(t, {
    apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }],
  });
  const grant = cookie(signIn({}, { expiresAt: clock.now + 30 * 86_400_000 }), 'wiki.test');
  const during = async (work: () => void) => {
    const arrived = new Promise<void>((resolve) => {
      come = resolve;
    });
    const client = await rawClient(at);
    client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${grant}\r\n\r\n`);
    await arrived;
    const sentAt = performance.now();
    while (performance.now() - sentAt < 2) await nextTurn();
    work();
    asked.pop()?.();
    const answer = await client.answer();
    client.socket.destroy();
    return accessLine(header(answer.headers, 'foyer-support-id') ?? '');
  };
  return { clock, during };
}
