// Promises of the way through: what goes in comes out, both ways, whole, at once, and with flat memory.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { suite, test } from 'node:test';
import { recorder, startGateway } from './gateway.testing.ts';
import { rawClient } from './raw-client.testing.ts';

type Answer = { status: number; headers: Record<string, unknown>; body: Buffer };

/** One HTTP/2 request, its whole answer; rejects when the stream breaks. */
function ask(session: ClientHttp2Session, headers: Record<string, string>, body?: Buffer | string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined });
    const chunks: Buffer[] = [];
    let answer: Record<string, unknown> = {};
    stream.on('response', (got) => {
      answer = got;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('close', () => {
      if (stream.rstCode !== 0) reject(new Error(`rst ${stream.rstCode}`));
      else resolve({ status: Number(answer[':status']), headers: answer, body: Buffer.concat(chunks) });
    });
    if (body !== undefined) stream.end(body);
  });
}

suite('HTTP/1.1', () => {
  test('GET, HEAD, POST by length and by chunks arrive whole on one kept connection', async (t) => {
    const upstream = await recorder(t);
    const gateway = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: upstream.port }] });
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    const client = await rawClient(gateway.port);
    client.write(`GET /a?b=%20c HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n\r\n`);
    const got = await client.answer();
    assert.equal(got.status, 200);
    assert.equal(got.body, 'ok');
    assert.equal(upstream.last().url, '/a?b=%20c');
    client.write(`HEAD / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n\r\n`);
    assert.equal((await client.answer({ head: true })).status, 200);
    client.write(`POST /p HTTP/1.1\r\nHost: wiki.test\r\nContent-Length: 5\r\nCookie: ${cookie}\r\n\r\nhello`);
    assert.equal((await client.answer()).status, 200);
    assert.equal(upstream.last().body.toString(), 'hello');
    client.write(
      `POST /c HTTP/1.1\r\nHost: wiki.test\r\nTransfer-Encoding: chunked\r\nCookie: ${cookie}\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`,
    );
    assert.equal((await client.answer()).status, 200);
    assert.equal(upstream.last().body.toString(), 'hello world');
    client.socket.destroy();
  });
});

suite('HTTP/2', () => {
  test('GET, HEAD and POST arrive whole', async (t) => {
    const upstream = await recorder(t);
    const gateway = await startGateway(t, {
      scheme: 'https',
      apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: upstream.port }],
    });
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    const session = connectHttp2('https://wiki.test', {
      host: '127.0.0.1',
      port: gateway.port,
      servername: 'wiki.test',
      rejectUnauthorized: false,
    } as never);
    await once(session, 'connect');
    const got = await ask(session, { ':path': '/a', cookie });
    assert.equal(got.status, 200);
    assert.equal(got.body.toString(), 'ok');
    assert.equal((await ask(session, { ':path': '/h', ':method': 'HEAD', cookie })).status, 200);
    const posted = await ask(session, { ':path': '/p', ':method': 'POST', cookie }, 'hello');
    assert.equal(posted.status, 200);
    assert.equal(upstream.last().body.toString(), 'hello');
    session.close();
  });
});
