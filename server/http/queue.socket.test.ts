// What an app's answer must not do: end elsewhere than it says, or become somebody else's.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { suite, type TestContext, test } from 'node:test';
import { rawServer, startGateway, type TestGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import { rawClient } from './raw-client.testing.ts';

const POISON = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nX-Poison: 1\r\n\r\npoison';
const TLS = { servername: 'wiki.test' };
const length = (text: string) => `Content-Length: ${text.length}\r\n\r\n${text}`;

/** An upstream that answers `/evil` with these bytes, and any other path with that path, on whatever connection it comes. */
async function behind(t: TestContext, evil: (socket: Socket) => void, options: { scheme?: 'http' | 'https' } = {}) {
  const port = await rawServer(t, (socket) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const path = text.split(' ', 2)[1] ?? '';
        text = text.slice(end + 4);
        if (path === '/evil') evil(socket);
        else if (socket.writable) socket.write(`HTTP/1.1 200 OK\r\n${length(path)}`);
      }
    });
  });
  return startGateway(t, { ...options, apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
}

async function get(gateway: TestGateway, person: string, path: string, method = 'GET') {
  const client = await rawClient(gateway.port, gateway.origin('').startsWith('https') ? TLS : undefined);
  const cookie = gateway.cookie(gateway.signIn({ userId: person, subject: person }), 'wiki.test');
  client.write(`${method} ${path} HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n\r\n`);
  const answer = await client.answer({ head: method === 'HEAD' }).catch(() => null);
  client.socket.destroy();
  return answer;
}

suite('U2: whatever stands behind an answer, the next person gets their own', () => {
  const late = (head: string, tail: string) => (socket: Socket) => {
    socket.write(head);
    setImmediate(() => socket.writable && socket.write(tail));
  };
  for (const [what, method, evil] of [
    ['a whole second answer', 'GET', (socket) => socket.write(`HTTP/1.1 200 OK\r\n${length('mine')}${POISON}`)],
    ['a second answer a turn later', 'GET', late(`HTTP/1.1 200 OK\r\n${length('mine')}`, POISON)],
    ['half an answer a turn later', 'GET', late(`HTTP/1.1 200 OK\r\n${length('mine')}`, POISON.slice(0, 20))],
    ['one line end', 'GET', late(`HTTP/1.1 200 OK\r\n${length('mine')}`, '\r\n')],
    [
      'bytes behind the last chunk',
      'GET',
      late('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', POISON),
    ],
    ['a 204 with a length and a body', 'GET', (socket) => socket.write(`HTTP/1.1 204 No\r\n${length(POISON)}`)],
    [
      'a 204 with chunks',
      'GET',
      (socket) => socket.write(`HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`),
    ],
    [
      'a 304 with a length and a body',
      'GET',
      late(`HTTP/1.1 304 No\r\nContent-Length: ${POISON.length}\r\n\r\n`, POISON),
    ],
    ['a HEAD answer with a body', 'HEAD', late(`HTTP/1.1 200 OK\r\nContent-Length: ${POISON.length}\r\n\r\n`, POISON)],
    [
      'a 103 with a length and a body',
      'GET',
      (socket) => socket.write(`HTTP/1.1 103 Hints\r\n${length(POISON)}HTTP/1.1 200 OK\r\n${length('mine')}`),
    ],
    [
      'a 100 and two finals',
      'GET',
      (socket) => socket.write(`HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\n${length('mine')}${POISON}`),
    ],
    ['a 101 nobody asked for', 'GET', late('HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', POISON)],
    [
      'a length that is too short',
      'GET',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nmi${POISON}`),
    ],
    [
      'HTTP/1.0 that keeps alive',
      'GET',
      late(`HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n${length('mine')}`, POISON),
    ],
  ] as readonly (readonly [string, string, (socket: Socket) => void])[]) {
    test(`U2: ${what}`, async (t) => {
      const gateway = await behind(t, evil);
      await get(gateway, 'eve', '/evil', method);
      for (let person = 0; person < 4; person += 1) {
        const answer = await get(gateway, `p${person}`, `/own/${person}`);
        assert.equal(answer?.body, `/own/${person}`, answer?.text ?? 'nothing');
        assert.equal(answer?.status, 200);
      }
    });
  }
});

suite('U2 P1: what we write has one end, whatever the app wrote', () => {
  for (const [what, evil, status] of [
    ['a 204 has no length', 'HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n', 204],
    ['a 204 has no chunks', 'HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n', 204],
    ['a listed length goes', 'HTTP/1.1 200 OK\r\nConnection: content-length\r\nContent-Length: 4\r\n\r\nmine', 200],
    [
      'keep-alive and proxy headers go',
      `HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nProxy-Connection: close\r\nUpgrade: h2c\r\n${length('mine')}`,
      200,
    ],
    ['a reason phrase of ours', `HTTP/1.1 200 Injected Reason\r\n${length('mine')}`, 200],
  ] as const) {
    test(`U2: ${what}`, async (t) => {
      const gateway = await behind(t, (socket) => void socket.write(evil), { scheme: 'https' });
      const text = (await get(gateway, 'eve', '/evil'))?.text ?? '';
      const [head = ''] = text.split('\r\n\r\n');
      assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} (OK|No Content)\r\n`));
      assert.equal(head.match(/\r\n(content-length|transfer-encoding):/gi)?.length ?? 0, status === 204 ? 0 : 1, head);
      assert.doesNotMatch(head, /\r\n(keep-alive|proxy-connection|upgrade|trailer):/i);
      const session = await openHttp2(gateway.port, 'wiki.test');
      const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
      const answer = await ask(session, { ':path': '/evil', cookie });
      session.destroy();
      assert.equal(answer.status, status);
      if (status === 204) assert.equal(answer.headers['content-length'], undefined);
    });
  }

  test('an interim answer has no framing at all', async (t) => {
    const gateway = await behind(
      t,
      (socket) =>
        void socket.write(
          `HTTP/1.1 103 Hints\r\nLink: </a>\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nHTTP/1.1 200 OK\r\n${length('mine')}`,
        ),
    );
    const client = await rawClient(gateway.port);
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    client.write(`GET /evil HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n\r\n`);
    const first = await client.answer();
    if (first.status === 103) {
      assert.doesNotMatch(first.text, /\r\n(content-length|transfer-encoding|connection):/i);
      assert.equal((await client.answer()).body, 'mine');
    } else assert.equal(first.status, 502);
    client.socket.destroy();
  });
});

suite('header smuggling: a byte that ends a line never leaves in a header', () => {
  test('bytes above ASCII pass as they came, both ways, and none of them becomes another', async (t) => {
    const every = Array.from({ length: 128 }, (_, at) => String.fromCharCode(at + 128)).join('');
    let heard = '';
    const port = await rawServer(t, (socket) => {
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString('latin1');
        socket.write(Buffer.from(`HTTP/1.1 200 OK\r\nX-Every: ${every}\r\nLocation: /\xe4\r\n${length('')}`, 'latin1'));
      });
    });
    const gateway = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    const client = await rawClient(gateway.port);
    client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}; x=${every}\r\nX-Every: ${every}\r\n\r\n`);
    const answer = await client.answer();
    client.socket.destroy();
    assert.match(heard, new RegExp(`\r\nX-Every: ${every}\r\n`));
    assert.match(heard, new RegExp(`x=${every}\r\n`));
    assert.match(answer.text, new RegExp(`\r\nX-Every: ${every}\r\n`));
    assert.doesNotMatch(heard.replaceAll('\r\n', ''), /[\r\n\0]/);
  });
});
