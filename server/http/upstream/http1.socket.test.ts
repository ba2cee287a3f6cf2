// The promises of an HTTP/1.1 connection to a well-behaved upstream: every kind of message, byte for byte, in flat memory, on few connections.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { suite, test } from 'node:test';
import { httpServer, rawServer } from '../gateway.testing.ts';
import { type Ask, ask, client, type Ends, targetOf, until } from './client.testing.ts';

async function upstream(t: Ends, listener: (request: IncomingMessage, response: ServerResponse) => void) {
  const target = targetOf([await httpServer(t, listener)]);
  const pools = client(t);
  return { target, ask: (given: Partial<Ask> = {}) => ask(pools, { target, ...given }) };
}

test('what is sent is what was given: method, target, header order, case, duplicates and bytes above ASCII', async (t) => {
  let seen = '';
  const port = await rawServer(t, (socket) => {
    socket.once('data', (chunk) => {
      seen = chunk.toString('latin1');
      socket.write('HTTP/1.1 200 Fine\r\nX-B: 1\r\nx-a:  2 \r\nX-B: \xe9\r\nContent-Length: 0\r\n\r\n', 'latin1');
    });
  });
  const headers = ['Host', 'wiki.test', 'X-b', '1', 'x-A', '\xe9', 'X-b', '2'];
  const answer = await ask(client(t), { target: targetOf([port]), method: 'SEARCH', path: '/a%2f//b?c=%20', headers })
    .done;
  assert.equal(seen, 'SEARCH /a%2f//b?c=%20 HTTP/1.1\r\nHost: wiki.test\r\nX-b: 1\r\nx-A: \xe9\r\nX-b: 2\r\n\r\n');
  assert.deepEqual(answer.headers, ['X-B', '1', 'x-a', '2', 'X-B', '\xe9', 'Content-Length', '0']);
});

test('10,000 requests one after the other take one connection', async (t) => {
  const { ask, target } = await upstream(t, (_request, response) => void response.end('ok'));
  for (let i = 0; i < 10_000; i += 1) {
    const { body } = await ask().done;
    if (body.length !== 2) assert.fail(`answer ${i}`);
  }
  assert.equal(target.dials, 1);
});

suite('answers', () => {
  test('length, chunks, nothing at all, HEAD, 204 and 304', async (t) => {
    const { ask, target } = await upstream(t, (request, response) => {
      const status = Number(request.url?.slice(1));
      response.writeHead(status, status === 206 || request.method === 'HEAD' ? { 'Content-Length': 4 } : {});
      if (request.method === 'HEAD' || status === 204 || status === 304) response.end();
      else {
        response.write('bo');
        response.end('dy');
      }
    });
    for (const [method, path, length, body] of [
      ['GET', '/200', null, 'body'],
      ['GET', '/206', 4, 'body'],
      ['HEAD', '/200', 0, ''],
      ['GET', '/204', 0, ''],
      ['GET', '/304', 0, ''],
      ['GET', '/404', null, 'body'],
    ] as const) {
      const answer = await ask({ method, path }).done;
      assert.deepEqual(
        [answer.status, answer.length, String(answer.body)],
        [Number(path.slice(1)), length, body],
        path,
      );
    }
    assert.equal(target.dials, 1);
  });

  test('interim answers come before the final one; 100 is between the upstream and us', async (t) => {
    const { ask } = await upstream(t, (_request, response) => {
      response.writeContinue();
      response.writeEarlyHints({ link: '</a.css>; rel=preload' });
      response.writeProcessing();
      response.end('ok');
    });
    const { interim, status } = await ask().done;
    assert.deepEqual(interim, [
      { status: 103, headers: ['Link', '</a.css>; rel=preload'] },
      { status: 102, headers: [] },
    ]);
    assert.equal(status, 200);
  });

  test('U10: trailers come with the end, as they are', async (t) => {
    const { ask, target } = await upstream(t, (_request, response) => {
      response.write('ok');
      response.addTrailers({ 'Grpc-Status': '0', 'Set-Cookie': 'a=b' });
      response.end();
    });
    for (let i = 0; i < 2; i += 1)
      assert.deepEqual((await ask().done).trailers, ['Grpc-Status', '0', 'Set-Cookie', 'a=b']);
    assert.equal(target.dials, 1);
  });

  test('every way of cutting the bytes into pieces gives the same answer', async (t) => {
    const whole = Buffer.from(
      'HTTP/1.1 103 Early\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nbody\r\n0\r\nT: u\r\n\r\n',
    );
    let cut = 0;
    const port = await rawServer(t, (socket) => {
      socket.setNoDelay(true);
      socket.on('data', () => {
        socket.write(whole.subarray(0, cut));
        setImmediate(() => setImmediate(() => socket.write(whole.subarray(cut))));
      });
    });
    const pools = client(t);
    const target = targetOf([port]);
    for (cut = 1; cut < whole.length; cut += 1) {
      const { body, fault, interim, trailers } = await ask(pools, { target }).done;
      assert.deepEqual([String(body), fault, interim.length, trailers], ['body', null, 1, ['T', 'u']], `cut at ${cut}`);
    }
    assert.equal(target.dials, 1);
  });
});

suite('request bodies', () => {
  const echo = (request: IncomingMessage, response: ServerResponse): void => {
    const hash = createHash('sha256');
    request.on('data', (chunk) => hash.update(chunk));
    request.on('end', () => response.end(`${request.headers['transfer-encoding']} ${hash.digest('hex')}`));
  };

  test('P12: with a length or in chunks, small or large, also of a GET', async (t) => {
    const { ask, target } = await upstream(t, echo);
    for (const size of [1, 1_000, 40_000, 3_000_000]) {
      const bytes = randomBytes(size);
      const sum = createHash('sha256').update(bytes).digest('hex');
      for (const [method, length] of [
        ['POST', true],
        ['PUT', false],
        ['GET', true],
      ] as const) {
        const headers = ['Host', 'wiki.test', ...(length ? ['Content-Length', String(size)] : [])];
        const body = Readable.from([bytes.subarray(0, size / 2), bytes.subarray(size / 2)], { objectMode: false });
        const answer = await ask({ method, headers, body }).done;
        assert.equal(String(answer.body), `${length ? 'undefined' : 'chunked'} ${sum}`, `${method} ${size}`);
      }
    }
    assert.equal(target.dials, 1);
  });

  test('an empty body is a body: its length is 0, or it is one last chunk', async (t) => {
    const { ask, target } = await upstream(t, echo);
    for (const headers of [
      ['Host', 'wiki.test', 'Content-Length', '0'],
      ['Host', 'wiki.test'],
    ]) {
      const { fault, status } = await ask({ method: 'POST', headers, body: Readable.from([]) }).done;
      assert.deepEqual([status, fault], [200, null]);
    }
    assert.equal(target.dials, 1);
  });

  test('the head and a small body are one write', async (t) => {
    const pieces: string[] = [];
    const port = await rawServer(t, (socket) => {
      socket.on('data', (chunk) => {
        pieces.push(chunk.toString('latin1'));
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
    });
    const body = new PassThrough();
    body.end('body');
    await ask(client(t), {
      ...{ target: targetOf([port]), method: 'POST', body },
      headers: ['Host', 'wiki.test', 'Content-Length', '4'],
    }).done;
    assert.deepEqual(pieces, ['POST / HTTP/1.1\r\nHost: wiki.test\r\nContent-Length: 4\r\n\r\nbody']);
  });

  test('R10: an upstream that does not read holds the client back', async (t) => {
    const port = await rawServer(t, (socket) => void socket.pause());
    let given = 0;
    const body = new Readable({
      read() {
        given += 64 * 1024;
        this.push(Buffer.alloc(64 * 1024));
      },
    });
    const asked = ask(client(t), { target: targetOf([port]), method: 'POST', body });
    await asked.carried;
    let before = -1;
    while (before !== given) {
      before = given;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert(given < 16 * 1024 * 1024, `${given} bytes were taken from a client whose upstream reads nothing`);
    asked.dispatched.cancel();
    body.destroy();
  });

  for (const [what, answer, body, fault] of [
    ['of its length is read to its end', 'Content-Length: 3\r\n\r\nbig', 'big', null],
    ['until the close never looks whole', 'Connection: close\r\n\r\nbig', 'big', 'upstream-closed'],
  ] as const) {
    test(`P13: an early answer ${what}, though the upstream resets what is left of the body`, async (t) => {
      const sent = new Readable({ read() {} });
      const port = await rawServer(t, (socket) => {
        socket.once('data', () => {
          socket.write(`HTTP/1.1 413 Content Too Large\r\n${answer}`);
          socket.resetAndDestroy();
          // Before anybody could read the answer.
          sent.push(Buffer.alloc(200_000));
        });
      });
      const headers = ['Host', 'wiki.test', 'Content-Length', '1000000'];
      const asked = ask(client(t), { target: targetOf([port]), method: 'POST', headers, body: sent });
      const given = await asked.done;
      assert.deepEqual([given.status, String(given.body), given.fault], [413, body, fault]);
    });
  }

  test('an upstream that resets a body without an answer has given none', async (t) => {
    const sent = new Readable({ read() {} });
    const port = await rawServer(t, (socket) => {
      socket.once('data', () => {
        socket.resetAndDestroy();
        sent.push(Buffer.alloc(200_000));
      });
    });
    const asked = ask(client(t), { target: targetOf([port]), method: 'POST', body: sent });
    const { again, detail, fault } = await asked.done;
    assert.deepEqual([fault, detail, again], ['upstream-closed', 'ECONNRESET before the answer', false]);
  });

  test('an answer may begin while the body still flows, and both go on', async (t) => {
    const { ask, target } = await upstream(t, (request, response) => {
      response.writeHead(200);
      request.pipe(response);
    });
    const body = new PassThrough();
    const got: string[] = [];
    const asked = ask({ method: 'POST', body, onData: (chunk) => void got.push(String(chunk)) });
    for (const word of ['one', 'two', 'three']) {
      body.write(word);
      await until(() => got.join('').endsWith(word));
    }
    body.end();
    assert.equal((await asked.done).fault, null);
    await ask({ method: 'POST', body: Readable.from([Buffer.from('x')]) }).done;
    assert.equal(target.dials, 1);
  });
});

suite('backpressure and ends', () => {
  test('R10: 100 MB for a client that does not read stay with the upstream', async (t) => {
    const size = 100 * 1024 * 1024;
    const { ask } = await upstream(t, (_request, response) => {
      response.writeHead(200, { 'Content-Length': size });
      new Readable({
        read() {
          this.push(Buffer.alloc(256 * 1024));
        },
      }).pipe(response);
    });
    let read = 0;
    let isHeld = true;
    const asked = ask({
      onData: (chunk, stream) => {
        read += chunk.length;
        if (isHeld) stream.pause();
      },
    });
    const stream = await asked.carried;
    await until(() => read > 0);
    const first = read;
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(read, first, 'nothing comes while it is paused');
    isHeld = false;
    stream.resume();
    await until(() => read > 10 * 1024 * 1024);
    asked.dispatched.cancel();
  });

  test('a cancel ends the connection, and nothing of the handler is called any more', async (t) => {
    let closed = 0;
    const { ask, target } = await upstream(t, (request, response) => {
      request.socket.once('close', () => {
        closed += 1;
      });
      response.write('half');
    });
    let calls = 0;
    const asked = ask({
      onData: () => {
        calls += 1;
        asked.dispatched.cancel();
      },
    });
    await until(() => closed === 1);
    assert.equal(calls, 1);
    assert.equal(await Promise.race([asked.done, Promise.resolve('never ends')]), 'never ends');
    ask();
    await until(() => target.dials === 2);
  });

  test('a stream that is held after its end has no power over the next request', async (t) => {
    const { ask, target } = await upstream(t, (_request, response) => void response.end('ok'));
    const first = ask();
    await first.done;
    const stream = await first.carried;
    const second = ask({
      onAnswered: () => {
        stream.pause();
        stream.abort();
        first.dispatched.cancel();
      },
    });
    assert.equal(String((await second.done).body), 'ok');
    assert.equal(target.dials, 1);
  });
});
