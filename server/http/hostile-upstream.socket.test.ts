// Promises about upstreams that break, lie or attack: a bounded refusal, a broken message, and no connection used again.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { suite, test } from 'node:test';
import { Fault } from '#server/core/fault.ts';
import { type Ends, rawServer, startGateway, type TestGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import { header, headersOf, rawClient } from './raw-client.testing.ts';
import { targetOf } from './upstream/client.testing.ts';

type Behind = { gateway: TestGateway; cookie: string; connections: Socket[]; requests: string[] };

/** A gateway before an upstream that does `serve` with the nth request that it sees. */
async function behind(
  t: Ends,
  serve: (socket: Socket, n: number) => void,
  options: Partial<Parameters<typeof startGateway>[1]> = {},
): Promise<Behind> {
  const connections: Socket[] = [];
  const requests: string[] = [];
  const port = await rawServer(t, (socket) => {
    connections.push(socket);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      requests.push(text);
      text = '';
      serve(socket, requests.length);
    });
  });
  const gateway = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }], ...options });
  return { gateway, connections, requests, cookie: gateway.cookie(gateway.signIn(), 'wiki.test') };
}

const get = (cookie: string, method = 'GET', lines = '') =>
  `${method} / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n${lines}\r\n`;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const bytes = (text: string) => Buffer.from(text, 'latin1');

suite('U1: an upstream that breaks', () => {
  test('refused: 502; a dial that never ends: as the dialer says', async (t) => {
    const gateway = await startGateway(t, {
      apps: [
        { id: 'wiki', hosts: ['wiki.test'], upstream: 1 },
        {
          id: 'bank',
          hosts: ['bank.test'],
          upstream: () => Promise.reject(new Fault('upstream-connect-timeout', { detail: '10.1.2.3:443' })),
        },
      ],
    });
    const session = gateway.signIn();
    for (const [host, status] of [
      ['wiki.test', 502],
      ['bank.test', 504],
    ] as const) {
      for (const accept of ['text/html', '*/*']) {
        const client = await rawClient(gateway.port);
        client.write(
          `GET / HTTP/1.1\r\nHost: ${host}\r\nAccept: ${accept}\r\nCookie: ${gateway.cookie(session, host)}\r\n\r\n`,
        );
        const answer = await client.answer();
        assert.equal(answer.status, status);
        assert.doesNotMatch(answer.text, /127\.0\.0\.1|10\.1\.2\.3|internal|ECONN/, 'no name, address or cause');
        const path = `/path/${host.slice(0, 4)}"`;
        assert.equal(answer.text.includes(path), accept === 'text/html', 'people are led to where it stops');
        const id = header(answer.headers, 'foyer-support-id') ?? '';
        assert(gateway.logs.some((line) => line.support === id && line.detail));
        assert.equal((await gateway.accessLine(id)).status, status);
        client.socket.destroy();
      }
    }
  });

  for (const [what, serve, status] of [
    ['closes without a byte', (socket: Socket) => socket.end(), 502],
    ['resets without a byte', (socket: Socket) => socket.resetAndDestroy(), 502],
    ['closes in the head', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'), 502],
    ['resets in the head', (socket: Socket) => socket.write('HTTP/1.1 200', () => socket.resetAndDestroy()), 502],
  ] as const) {
    test(`${what}: ${status}`, async (t) => {
      const { gateway, cookie, requests } = await behind(t, (socket) => void serve(socket));
      const client = await rawClient(gateway.port);
      client.write(get(cookie));
      assert.equal((await client.answer()).status, status);
      assert.equal(requests.length, 1, 'a fresh connection is no reason to ask again');
      client.socket.destroy();
    });
  }

  const HALF = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf';
  const HALF_CHUNK = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n';
  for (const [what, half] of [
    ['length', HALF],
    ['chunks', HALF_CHUNK],
  ] as const) {
    for (const how of ['end', 'resetAndDestroy'] as const) {
      test(`a body by ${what} that breaks off (${how}) never looks whole, over HTTP/1.1, HTTP/1.0 and HTTP/2`, async (t) => {
        const serve = (socket: Socket) => void socket.write(half, () => setImmediate(() => socket[how]()));
        const plain = await behind(t, serve);
        const client = await rawClient(plain.gateway.port);
        client.write(get(plain.cookie));
        const text = await client.rest();
        if (text.includes(' 200 ')) {
          assert.match(text, /half/);
          assert.doesNotMatch(text, /0\r\n\r\n$/);
        } else {
          assert.match(text, /^HTTP\/1\.1 502 /);
        }
        const old = connect(plain.gateway.port, '127.0.0.1');
        old.write(get(plain.cookie).replace('HTTP/1.1', 'HTTP/1.0'));
        let got = '';
        old.on('data', (chunk) => {
          got += chunk;
        });
        const end = await Promise.race([once(old, 'error').then(() => 'reset'), once(old, 'end').then(() => 'end')]);
        if (end === 'end') assert.match(got, / 502 |Content-Length: 100/);
        old.destroy();

        const tls = await behind(t, serve, { scheme: 'https' });
        tls.gateway.setApps([{ id: 'wiki', hosts: ['wiki.test'], upstream: portOf(plain) }]);
        const old10 = await rawClient(tls.gateway.port, { servername: 'wiki.test' });
        old10.write(get(tls.cookie).replace('HTTP/1.1', 'HTTP/1.0'));
        assert.match(await old10.rest(), /^HTTP\/1\.1 (502|200) /);
        const session = await openHttp2(tls.gateway.port, 'wiki.test');
        const stream = session.request({ ':path': '/', cookie: tls.cookie });
        let ended = false;
        stream.on('error', () => {});
        stream.on('data', () => {});
        stream.on('end', () => {
          ended = true;
        });
        await new Promise((resolve) => stream.once('close', resolve));
        assert.equal(stream.rstCode, 2, 'the stream was reset by us');
        assert(!ended);
        session.destroy();
      });
    }
  }
});

suite('U2: an upstream that lies about its framing', () => {
  for (const [what, answer] of [
    ['CL and TE', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['TE and CL', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['two CL', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
    ['equal CL twice', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok'],
    ['CL +2', 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok'],
    ['CL 0x2', 'HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok'],
    ['CL 2,2', 'HTTP/1.1 200 OK\r\nContent-Length: 2,2\r\n\r\nok'],
    ['bare LF', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
    ['NUL in a value', 'HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 2\r\n\r\nok'],
    ['bare CR in a value', 'HTTP/1.1 200 OK\r\nX-A: a\rSet-Cookie: b=c\r\nContent-Length: 2\r\n\r\nok'],
    ['obs-fold', 'HTTP/1.1 200 OK\r\nX-A: a\r\n b\r\nContent-Length: 2\r\n\r\nok'],
    ['space before colon', 'HTTP/1.1 200 OK\r\nX-A : a\r\nContent-Length: 2\r\n\r\nok'],
    ['status 1000', 'HTTP/1.1 1000 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['status 099', 'HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['status 000', 'HTTP/1.1 000 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['status 777', 'HTTP/1.1 777 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['a status with letters', 'HTTP/1.1 2x0 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['HTTP/0.9', '<html>ok</html>'],
    ['headers of 100 KB', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(100_000)}\r\nContent-Length: 2\r\n\r\nok`],
    ['101 to a plain request', 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\npwned'],
    ['100 without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(50)],
  ] as const) {
    test(`${what}: 502, and the connection is not used again`, async (t) => {
      const { gateway, cookie, connections } = await behind(
        t,
        (socket, n) => void socket.write(bytes(n === 1 ? answer : OK)),
        {
          limits: { upstreamHeadersTimeoutMs: 300 },
        },
      );
      const client = await rawClient(gateway.port);
      client.write(get(cookie));
      const first = await client.answer();
      assert([502, 504].includes(first.status), `${first.status}`);
      assert.doesNotMatch(first.text, /pwned|Set-Cookie/);
      client.write(get(cookie));
      assert.equal((await client.answer()).body, 'ok');
      assert.equal(connections.length, 2);
      client.socket.destroy();
    });
  }

  for (const [what, answer, status, body] of [
    ['bytes behind the body', `${OK}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`, 200, 'ok'],
    ['a second answer behind the body', `${OK}X`, 200, 'ok'],
    ['a 204 with a body', 'HTTP/1.1 204 No\r\nContent-Length: 6\r\n\r\npoison', 204, ''],
    ['a 304 with a body', 'HTTP/1.1 304 No\r\n\r\npoison', 304, ''],
  ] as const) {
    test(`${what}: nobody else gets those bytes`, async (t) => {
      const { gateway, cookie } = await behind(t, (socket, n) => void socket.write(bytes(n === 1 ? answer : OK)));
      for (let i = 0; i < 4; i += 1) {
        const client = await rawClient(gateway.port);
        client.write(get(cookie));
        const got = await client.answer();
        assert(!got.text.includes('poison'));
        if (i === 0) {
          assert.equal(got.status, status);
          assert.equal(got.body, body);
        }
        client.socket.destroy();
      }
    });
  }

  test('bytes that come while a connection is idle are no answer to the next request', async (t) => {
    const { gateway, cookie, connections } = await behind(t, (socket) => void socket.write(OK));
    const client = await rawClient(gateway.port);
    client.write(get(cookie));
    assert.equal((await client.answer()).body, 'ok');
    const [first] = connections;
    assert(first);
    first.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison');
    await once(first, 'close');
    client.write(get(cookie));
    assert.equal((await client.answer()).body, 'ok');
    client.socket.destroy();
  });

  test('a HEAD answer with a body poisons nobody', async (t) => {
    const { gateway, cookie } = await behind(
      t,
      (socket, n) => void socket.write(n === 1 ? 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison' : OK),
    );
    const client = await rawClient(gateway.port);
    client.write(get(cookie, 'HEAD'));
    assert.equal((await client.answer({ head: true })).status, 200);
    client.write(get(cookie));
    assert.equal((await client.answer()).body, 'ok');
    client.socket.destroy();
  });
});

suite('hostile response headers', () => {
  const hostile = [
    '__proto__: x',
    'constructor: x',
    'toString: x',
    'hasOwnProperty: x',
    '__proto__: y',
    'X-Latin: \xe9\xff',
    `X-Long: ${'a'.repeat(30_000)}`,
    'Content-Type: text/plain',
    'Content-Type: text/html',
    'ETag: a',
    'ETag: b',
    'Location: /x',
    'Location: /y',
    'Date: never',
    'Age: 1',
    'Age: 2',
    'Connection: close, content-length, date',
    'Proxy-Connection: keep-alive',
    'HTTP2-Settings: x',
    'Host: evil',
    'TE: x',
    'Set-Cookie: ',
    'Set-Cookie: ;',
    ': status',
  ];

  test('whatever an app says, the answer arrives or is 502, over HTTP/1.1 and HTTP/2, and nothing breaks', async (t) => {
    let lines = '';
    const serve = (socket: Socket) =>
      void socket.write(bytes(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${lines}\r\nok`));
    const plain = await behind(t, serve);
    const tls = await behind(t, serve, { scheme: 'https' });
    tls.gateway.setApps([{ id: 'wiki', hosts: ['wiki.test'], upstream: portOf(plain) }]);
    const client = await rawClient(plain.gateway.port);
    const session = await openHttp2(tls.gateway.port, 'wiki.test');
    for (const set of [...hostile.map((line) => [line]), hostile.filter((line) => !line.startsWith(':'))]) {
      lines = set.map((line) => `${line}\r\n`).join('');
      client.write(get(plain.cookie));
      const over1 = await client.answer();
      assert([200, 502].includes(over1.status), lines);
      const over2 = await ask(session, { ':path': '/', cookie: tls.cookie });
      assert([200, 502].includes(over2.status), lines);
      if (set.length === 1 && !lines.startsWith(':')) {
        assert.equal(over1.status, 200, lines.slice(0, 60));
        assert.equal(over2.status, 200, lines.slice(0, 60));
      }
    }
    lines = 'X-Latin: \xe9\r\n';
    client.write(get(plain.cookie));
    assert.equal(header((await client.answer()).headers, 'x-latin'), '\xe9');
    client.socket.destroy();
    session.destroy();
  });
});

test('U4: an upstream that sends no head is 504, a body that stands still is cut, an event stream is not', async (t) => {
  let answer: string | null = null;
  const { gateway, cookie } = await behind(t, (socket) => void (answer !== null && socket.write(answer)), {
    limits: { upstreamHeadersTimeoutMs: 100, upstreamBodyIdleMs: 60 },
  });
  const client = await rawClient(gateway.port);
  client.write(get(cookie));
  assert.equal((await client.answer()).status, 504);
  answer = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf';
  client.write(get(cookie));
  assert.match(await client.rest(), /half$/);

  answer = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\ndata: 1\n\n';
  const events = await rawClient(gateway.port);
  events.write(get(cookie));
  await events.when((text) => text.includes('data: 1'));
  const closed = Promise.race([events.closed.then(() => 'closed'), new Promise((resolve) => setTimeout(resolve, 200))]);
  assert.notEqual(await closed, 'closed');
  events.socket.destroy();
});

suite('U7: one retry', () => {
  /** Answers the first request of each connection, then closes it when the second one comes. */
  const flaky = (perConnection: WeakMap<Socket, number>) => (socket: Socket) => {
    const n = (perConnection.get(socket) ?? 0) + 1;
    perConnection.set(socket, n);
    if (n === 1) socket.write(OK);
    else socket.destroy();
  };

  for (const [method, lines, body, status] of [
    ['GET', '', '', 200],
    ['HEAD', '', '', 200],
    ['OPTIONS', '', '', 200],
    ['POST', 'Content-Length: 2\r\n', 'hi', 502],
    ['POST', 'Content-Length: 0\r\n', '', 502],
    ['DELETE', '', '', 502],
    ['GET', 'Content-Length: 2\r\n', 'hi', 502],
  ] as const) {
    test(`${method}${body ? ' with a body' : ''} on a reused connection that closed: ${status}`, async (t) => {
      const { gateway, cookie, requests } = await behind(t, flaky(new WeakMap()));
      const client = await rawClient(gateway.port);
      client.write(get(cookie));
      await client.answer();
      client.write(get(cookie, method, lines) + body);
      assert.equal((await client.answer({ head: method === 'HEAD' })).status, status);
      assert.equal(requests.length, status === 200 ? 3 : 2);
      client.socket.destroy();
    });
  }

  test('a part of an answer is no reason to ask again', async (t) => {
    const { gateway, cookie, requests } = await behind(
      t,
      (socket, n) => void (n === 1 ? socket.write(OK) : socket.end('HTTP/1.1 2')),
    );
    const client = await rawClient(gateway.port);
    client.write(get(cookie));
    await client.answer();
    client.write(get(cookie));
    assert.equal((await client.answer()).status, 502);
    assert.equal(requests.length, 2);
    client.socket.destroy();
  });

  test('a failed dial is tried once more for a safe method, never for a POST', async (t) => {
    const port = await rawServer(t, (socket) => void socket.once('data', () => socket.write(OK)));
    let dials = 0;
    const gateway = await startGateway(t, {
      apps: [
        {
          id: 'wiki',
          hosts: ['wiki.test'],
          upstream: async () => {
            dials += 1;
            if (dials % 2 === 1) throw new Fault('upstream-refused');
            const socket = connect(port, '127.0.0.1');
            await once(socket, 'connect');
            return socket;
          },
        },
      ],
    });
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    const client = await rawClient(gateway.port);
    client.write(get(cookie, 'POST', 'Content-Length: 0\r\n'));
    assert.equal((await client.answer()).status, 502);
    assert.equal(dials, 1);
    dials = 0;
    client.write(get(cookie));
    assert.equal((await client.answer()).status, 200);
    assert.equal(dials, 2);
    client.socket.destroy();
  });
});

suite('U7: one retry, after the catalogue or DNS has changed', () => {
  /** A person whose second request, on a kept connection, the upstream holds until it lets go of it. */
  async function held(t: Ends) {
    const old = await behind(t, (socket, n) => void (n === 2 || socket.write(OK)));
    const client = await rawClient(old.gateway.port);
    t.after(() => void client.socket.destroy());
    client.write(get(old.cookie));
    await client.answer();
    client.write(get(old.cookie));
    await old.gateway.until(() => old.requests.length === 2);
    let asked = 0;
    const port = await rawServer(t, (socket) => {
      socket.on('data', () => {
        asked += 1;
        socket.write(OK);
      });
    });
    const other = async () => {
      const another = await rawClient(old.gateway.port);
      another.write(get(old.cookie));
      assert.equal((await another.answer()).status, 200);
      another.socket.destroy();
    };
    const addresses = () => old.gateway.context.upstreams.view().flatMap(({ endpoints }) => endpoints);
    return {
      ...{ ...old, port, other, asked: () => asked, ports: () => addresses().map((each) => each.port) },
      /** Returns what the one who waits is told. */
      letGo: async () => {
        for (const connection of old.connections) connection.destroy();
        return client.answer();
      },
    };
  }

  test('U6: it goes where the app is by then, and nobody is taken back to where it was', async (t) => {
    const { asked, connections, gateway, letGo, other, port, ports } = await held(t);
    const { resolve } = gateway.context.dial;
    const [app] = gateway.context.snapshot().appsById.values();
    assert.ok(app);
    const { key } = await resolve(app, app.upstream);
    const target = targetOf([port], { key });
    gateway.context.dial.resolve = () => target;
    await other();
    assert.equal((await letGo()).status, 200);
    await other();
    assert.deepEqual([asked(), connections.length, ports()], [3, 1, [port]]);
    assert.equal(target.dials, 2, 'the connections there are kept');
  });

  test('F3: what the check refuses by then is not connected to again', async (t) => {
    const { connections, gateway, letGo } = await held(t);
    gateway.context.dial.resolve = () => Promise.reject(new Fault('upstream-address-refused'));
    const answer = await letGo();
    const line = await gateway.accessLine(header(answer.headers, 'foyer-support-id') ?? '');
    assert.deepEqual([answer.status, line.reason, line.retries], [502, 'upstream-address-refused', 0]);
    assert.equal(connections.length, 1);
  });

  test('invariant 4: it is not sent to what was another upstream, nor is that one made the app’s again', async (t) => {
    for (const isAskedFor of [true, false]) {
      const { asked, connections, gateway, letGo, other, port, ports } = await held(t);
      gateway.setApps([{ id: 'wiki', hosts: ['wiki.test'], upstream: port }]);
      if (isAskedFor) await other();
      assert.equal((await letGo()).status, 502);
      assert.equal(connections.length, 1, 'nothing more went where it was');
      await other();
      assert.deepEqual([asked(), ports()], [isAskedFor ? 2 : 1, [port]]);
    }
  });
});

test('F4: a redirect to an internal address is passed on, never followed', async (t) => {
  const { gateway, cookie, requests } = await behind(
    t,
    (socket) =>
      void socket.write('HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n'),
  );
  const client = await rawClient(gateway.port);
  client.write(get(cookie));
  const answer = await client.answer();
  assert.equal(answer.status, 302);
  assert.deepEqual(headersOf(answer.headers, 'location'), ['http://169.254.169.254/latest']);
  assert.equal(requests.length, 1);
  client.socket.destroy();
});

function portOf({ gateway }: Behind): number {
  return gateway.context.snapshot().appsById.get('wiki')?.upstream.port ?? 0;
}

suite('R8: an upstream that is full', () => {
  test('a request that gets no connection in time is told to come back; the one that runs goes on', async (t) => {
    const { gateway, cookie, connections, requests } = await behind(t, () => {}, {
      limits: { upstreamConnections: 1, upstreamQueueMs: 80 },
    });
    const running = await rawClient(gateway.port);
    running.write(get(cookie));
    await gateway.until(() => requests.length === 1);
    const waiting = await rawClient(gateway.port);
    waiting.write(get(cookie));
    const answer = await waiting.answer();
    assert.equal(answer.status, 503);
    assert.notEqual(header(answer.headers, 'retry-after'), null);
    connections[0]?.write(OK);
    assert.equal((await running.answer()).body, 'ok');
    running.write(get(cookie));
    await gateway.until(() => requests.length === 2);
    connections[0]?.write(OK);
    assert.equal((await running.answer()).body, 'ok');
    assert.equal(requests.length, 2, 'the one that was told to come back was never sent');
    for (const client of [running, waiting]) client.socket.destroy();
  });

  test('more requests than may wait are told at once, and clients that leave give their places back', async (t) => {
    const { gateway, cookie, requests } = await behind(t, () => {}, { limits: { upstreamRequests: 2 } });
    const clients = await Promise.all([rawClient(gateway.port), rawClient(gateway.port), rawClient(gateway.port)]);
    for (const client of clients.slice(0, 2)) client.write(get(cookie));
    await gateway.until(() => requests.length === 2);
    clients[2]?.write(get(cookie));
    assert.equal((await clients[2]?.answer())?.status, 503);
    clients[0]?.socket.destroy();
    await gateway.until(() => gateway.context.live.size === 1);
    clients[2]?.write(get(cookie));
    await gateway.until(() => requests.length === 3);
    for (const client of clients) client.socket.destroy();
  });
});
