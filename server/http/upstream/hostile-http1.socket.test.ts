// The promises of an HTTP/1.1 connection to an upstream that breaks, lies or attacks: a fault, and never another request on that connection.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { suite, test } from 'node:test';
import { rawServer } from '../gateway.testing.ts';
import { type Ask, ask, client, type Ends, targetOf, until } from './client.testing.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** An upstream that does `serve` with the nth request head it sees, and a way to ask it. */
async function upstream(t: Ends, serve: (socket: Socket, n: number) => void) {
  const connections: Socket[] = [];
  let n = 0;
  const port = await rawServer(t, (socket) => {
    connections.push(socket);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      text = '';
      n += 1;
      serve(socket, n);
    });
  });
  const pools = client(t);
  const target = targetOf([port]);
  return { connections, target, ask: (given: Partial<Ask> = {}) => ask(pools, { target, ...given }) };
}

suite('U1: an upstream that breaks', () => {
  for (const [what, serve] of [
    ['closes without a byte', (socket: Socket) => socket.end()],
    ['resets without a byte', (socket: Socket) => socket.resetAndDestroy()],
    ['closes in the status line', (socket: Socket) => socket.end('HTTP/1.1 20')],
    ['closes in the head', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le')],
    ['resets in the head', (socket: Socket) => socket.write('HTTP/1.1 200', () => socket.resetAndDestroy())],
    ['closes behind an interim answer', (socket: Socket) => socket.end('HTTP/1.1 103 Early Hints\r\n\r\n')],
  ] as const) {
    test(`${what}: a fault, and a fresh connection is no reason to ask again`, async (t) => {
      const { ask } = await upstream(t, (socket) => void serve(socket));
      const { again, fault, status } = await ask().done;
      assert.deepEqual({ again, fault, status }, { again: false, fault: 'upstream-closed', status: 0 });
    });
  }

  for (const [what, head] of [
    ['length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
    ['last chunk without its end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n'],
  ] as const) {
    for (const how of ['end', 'resetAndDestroy'] as const) {
      test(`a body by ${what} that breaks off (${how}) never looks whole`, async (t) => {
        const { ask } = await upstream(t, (socket) => {
          socket.write(head);
          setTimeout(() => socket[how](), 20);
        });
        const { again, body, fault, status } = await ask().done;
        assert.deepEqual([status, String(body), fault, again], [200, 'half', 'upstream-closed', false]);
      });
    }
  }

  test('a body until the close is whole when the connection ends, and broken when it is reset', async (t) => {
    for (const [how, fault] of [
      ['end', null],
      ['resetAndDestroy', 'upstream-closed'],
    ] as const) {
      const { ask } = await upstream(t, (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\nhalf');
        setTimeout(() => socket[how](), 20);
      });
      const answer = await ask().done;
      assert.deepEqual([answer.length, String(answer.body), answer.fault], [null, 'half', fault]);
    }
  });
});

suite('U2: an upstream that lies about its framing', () => {
  for (const [what, answer] of [
    ['CL and TE', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['TE and CL', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['TE on HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
    ['two CL', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
    ['equal CL twice', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length: 2\r\n\r\nok'],
    ['CL +2', 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok'],
    ['CL 2,2', 'HTTP/1.1 200 OK\r\nContent-Length: 2,2\r\n\r\nok'],
    ['CL on an answer without body', 'HTTP/1.1 204 No\r\nContent-Length: x\r\n\r\n'],
    ['bare LF', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
    ['NUL in a value', 'HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 2\r\n\r\nok'],
    ['bare CR in a value', 'HTTP/1.1 200 OK\r\nX-A: a\rSet-Cookie: b=c\r\nContent-Length: 2\r\n\r\nok'],
    ['obs-fold', 'HTTP/1.1 200 OK\r\nX-A: a\r\n b\r\nContent-Length: 2\r\n\r\nok'],
    ['space before colon', 'HTTP/1.1 200 OK\r\nX-A : a\r\nContent-Length: 2\r\n\r\nok'],
    ['status 1000', 'HTTP/1.1 1000 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['status 099', 'HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['status 777', 'HTTP/1.1 777 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['HTTP/0.9', '<html>\r\nok\r\n\r\n</html>'],
    ['HTTP/2 in words', 'HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['a head of 100 KB', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(100_000)}\r\nContent-Length: 2\r\n\r\nok`],
    ['1,000 header lines', `HTTP/1.1 200 OK\r\n${'X-A: a\r\n'.repeat(1_000)}Content-Length: 2\r\n\r\nok`],
    ['101 to a plain request', 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\npwned'],
    ['interim answers without end', 'HTTP/1.1 103 Early\r\n\r\n'.repeat(101)],
  ] as const) {
    test(`${what}: refused, and the connection is not used again`, async (t) => {
      const { ask, connections } = await upstream(
        t,
        (socket, n) => void socket.write(Buffer.from(n === 1 ? answer : OK, 'latin1')),
      );
      const first = await ask().done;
      assert.deepEqual([first.fault, first.again, first.status], ['upstream-protocol', false, 0]);
      assert.equal(String((await ask().done).body), 'ok');
      assert.equal(connections.length, 2);
    });
  }

  test('P6: malformed chunks break the answer off', async (t) => {
    for (const chunks of ['0x2\r\nok\r\n', '2\nok\n', '-1\r\n', '2\r\nokX\r\n', `${'1'.repeat(17)}\r\n`, 'x\r\n']) {
      const { ask } = await upstream(
        t,
        (socket) => void socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`),
      );
      const { fault, status } = await ask().done;
      assert.deepEqual([status, fault], [200, 'upstream-protocol'], chunks);
    }
  });
});

suite('U2: bytes that answer nothing are nobody’s answer (CVE-2026-6733, CVE-2026-48931)', () => {
  const POISON = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';
  for (const [what, answer, method, status, body] of [
    ['behind a body', `${OK}${POISON}`, 'GET', 200, 'ok'],
    ['a single byte behind a body', `${OK}X`, 'GET', 200, 'ok'],
    [
      'behind the last chunk',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${POISON}`,
      'GET',
      200,
      '',
    ],
    ['as a body of 204', 'HTTP/1.1 204 No\r\nContent-Length: 6\r\n\r\npoison', 'GET', 204, ''],
    ['as a body of 304', `HTTP/1.1 304 No\r\nContent-Length: 45\r\n\r\n${POISON}`, 'GET', 304, ''],
    ['as a body of HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison', 'HEAD', 200, ''],
    ['behind an empty body', `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n${POISON}`, 'GET', 200, ''],
  ] as const) {
    test(`${what}: the connection is dropped`, async (t) => {
      const { ask, connections } = await upstream(t, (socket, n) => void socket.write(n === 1 ? answer : OK));
      const first = await ask({ method }).done;
      assert.deepEqual([first.status, String(first.body), first.fault], [status, body, null]);
      for (let i = 0; i < 3; i += 1) assert.equal(String((await ask().done).body), 'ok');
      assert.equal(connections.length, 2);
    });
  }

  test('while the connection is idle, and before its first request: it is dropped', async (t) => {
    const { ask, connections, target } = await upstream(t, (socket) => void socket.write(OK));
    assert.equal(String((await ask().done).body), 'ok');
    connections[0]?.write(POISON);
    await until(() => target.sockets[0]?.destroyed === true);
    assert.equal(String((await ask().done).body), 'ok');
    assert.equal(connections.length, 2);
  });

  test('while the answer before was held back: what lies behind it in the buffer is never read', async (t) => {
    const { ask, connections } = await upstream(t, (socket, n) => {
      if (n > 1) return void socket.write(OK);
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${'a'.repeat(300_000)}${POISON}`);
    });
    let read = 0;
    const asked = ask({
      onData: (chunk, stream) => {
        read += chunk.length;
        stream.pause();
        setImmediate(() => stream.resume());
      },
    });
    const stream = await asked.carried;
    assert.equal((await asked.done).fault, null);
    assert.equal(read, 300_000);
    stream.resume();
    assert.equal(String((await ask().done).body), 'ok');
    assert.equal(connections.length, 2);
  });
});

suite('U4: an upstream that does not move', () => {
  const timeouts = { headers: 100, idle: 100 };
  test('no answer, and an answer’s head by the drop: a timeout', async (t) => {
    for (const drips of [false, true]) {
      const { ask } = await upstream(t, (socket) => {
        if (!drips) return;
        socket.write('HTTP/1.1 200 OK\r\n');
        const dripping = setInterval(() => socket.write('X-A: a\r\n'), 20);
        socket.once('close', () => clearInterval(dripping));
      });
      const { again, fault } = await ask({ timeouts }).done;
      assert.deepEqual([fault, again], ['upstream-timeout', false]);
    }
  });

  test('a body that stands still is cut; one that drips, an event stream and one that we hold back are not', async (t) => {
    const { ask } = await upstream(
      t,
      (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
    );
    assert.equal((await ask({ timeouts }).done).fault, 'upstream-timeout');

    const slow = await upstream(t, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n');
      let sent = 0;
      const dripping = setInterval(() => {
        sent += 1;
        socket.write('a');
        if (sent === 20) clearInterval(dripping);
      }, 50);
    });
    assert.equal((await slow.ask({ timeouts }).done).fault, null);

    for (const given of [
      { serve: 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\ndata: 1\n\n', pauses: false },
      { serve: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', pauses: true },
    ]) {
      const quiet = await upstream(t, (socket) => void socket.write(given.serve));
      const asked = quiet.ask({ timeouts, onAnswered: (stream) => void (given.pauses && stream.pause()) });
      const still = new Promise((resolve) => setTimeout(resolve, 800, 'still open'));
      assert.equal(await Promise.race([asked.done, still]), 'still open');
      asked.dispatched.cancel();
    }
  });

  test('a client that is slow with its body is not the upstream’s fault, one that has sent it all waits for the upstream', async (t) => {
    const { ask } = await upstream(t, () => {});
    const body = new PassThrough();
    const asked = ask({ method: 'POST', body, timeouts });
    const still = new Promise((resolve) => setTimeout(resolve, 800, 'still open'));
    assert.equal(await Promise.race([asked.done, still]), 'still open');
    body.end('all');
    assert.equal((await asked.done).fault, 'upstream-timeout');
  });
});

suite('P13 P14: a connection with an unclear past is not used again', () => {
  for (const [what, answer, version] of [
    ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok', 'said so'],
    ['close among others', 'HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok', 'said so'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', 'has no keep-alive'],
  ] as const) {
    test(`${what}: ${version}`, async (t) => {
      const { ask, connections } = await upstream(t, (socket, n) => void socket.write(n === 1 ? answer : OK));
      for (let i = 0; i < 3; i += 1) assert.equal(String((await ask().done).body), 'ok');
      assert.equal(connections.length, 2);
    });
  }

  test('HTTP/1.0 with keep-alive is used again', async (t) => {
    const answer = 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok';
    const { ask, connections } = await upstream(t, (socket) => void socket.write(answer));
    for (let i = 0; i < 3; i += 1) assert.equal(String((await ask().done).body), 'ok');
    assert.equal(connections.length, 1);
  });

  test('P13: an answer before the body was sent to its end is relayed, and the rest is never read as a request', async (t) => {
    const { ask, connections } = await upstream(t, (socket) => void socket.write(OK));
    const body = new PassThrough();
    body.write('GET /admin HTTP/1.1\r\nHost: wiki.test\r\n\r\n');
    const headers = ['Host', 'wiki.test', 'Content-Length', '1000'];
    const first = await ask({ method: 'POST', body, headers }).done;
    assert.deepEqual([first.status, String(first.body), first.fault], [200, 'ok', null]);
    assert.equal(body.isPaused(), true, 'what is left is the caller’s to read or to drop');
    assert.equal(String((await ask().done).body), 'ok');
    assert.equal(connections.length, 2);
    assert(connections[0]?.destroyed || (await once(connections[0] as Socket, 'close')));
  });

  test('P13 P15: a body that is not what Content-Length says ends the request and the connection', async (t) => {
    for (const text of ['short', 'a body that is too long']) {
      const { ask, target } = await upstream(t, (socket) => void socket.write(OK));
      const headers = ['Host', 'wiki.test', 'Content-Length', '10'];
      const body = new PassThrough();
      const asked = ask({ method: 'POST', body, headers });
      await asked.carried;
      body.end(text);
      const first = await asked.done;
      assert.deepEqual([first.fault, first.again], ['bad-request', false]);
      assert.equal(target.sockets[0]?.destroyed, true);
      assert.equal(String((await ask().done).body), 'ok');
      assert.equal(target.dials, 2);
    }
  });

  test('P15: a body that breaks off ends the request and the connection', async (t) => {
    const { ask, connections } = await upstream(t, (socket, n) => void (n > 1 && socket.write(OK)));
    const body = new PassThrough();
    body.write('half');
    const asked = ask({ method: 'POST', body });
    await until(() => connections.length === 1);
    body.destroy(new Error('The client is gone.'));
    assert.equal((await asked.done).fault, 'bad-request');
    await once(connections[0] as Socket, 'close');
  });

  test('P1: a request whose framing is unclear is never sent', async (t) => {
    const { ask, connections } = await upstream(t, (socket) => void socket.write(OK));
    for (const headers of [
      ['Host', 'wiki.test', 'Content-Length', '5'],
      ['Host', 'wiki.test', 'Content-Length', '0', 'content-length', '0'],
      ['Host', 'wiki.test', 'Transfer-Encoding', 'chunked'],
      ['Host', 'wiki.test', 'Content-Length', '+0'],
    ]) {
      assert.equal((await ask({ headers }).done).fault, 'bad-request');
    }
    assert.equal(String((await ask().done).body), 'ok');
    assert.equal(connections.length, 1, 'nothing was written on it, so it is as good as it was');
  });
});
