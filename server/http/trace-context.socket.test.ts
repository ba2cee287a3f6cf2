// The promise of trace context on the wire: whatever carries a request, its app gets one trace, and the access line names it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { type Ends, startGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import { header, headersOf, rawClient } from './raw-client.testing.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const STATE = 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE';

test('over HTTP/1.1, HTTP/2 and WebSocket a trace goes on under a span of ours, and its state as it is', async (t) => {
  const { gateway, cookie, seen } = await start(t);
  const given = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: STATE };
  const client = await rawClient(gateway.port, { servername: 'wiki.test' });
  const lines = Object.entries({ Host: 'wiki.test', Cookie: cookie, ...given }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  client.write(`GET / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const answer = await client.answer();
  assert.equal(answer.status, 200);
  client.socket.destroy();
  const http2 = await openHttp2(gateway.port, 'wiki.test');
  assert.equal((await ask(http2, { ':path': '/', cookie, ...given })).status, 200);
  http2.destroy();
  const upgrade = await rawClient(gateway.port, { servername: 'wiki.test' });
  const shake = [
    'Origin: https://wiki.test',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  const switching = ['Connection: Upgrade', 'Upgrade: websocket', ...shake];
  upgrade.write(`GET / HTTP/1.1\r\n${[...lines, ...switching].join('\r\n')}\r\n\r\n`);
  assert.equal((await upgrade.answer()).status, 403);
  upgrade.socket.destroy();

  assert.equal(seen.length, 3);
  const spans = seen.map((headers) => {
    assert.deepEqual(headersOf(headers, 'tracestate'), [STATE]);
    const [parent = '', ...more] = headersOf(headers, 'traceparent');
    assert.deepEqual(more, []);
    assert.match(parent, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    return parent.slice(36, 52);
  });
  assert.equal(new Set([...spans, SPAN]).size, 4);
  assert.equal((await gateway.accessLine(header(answer.headers, 'foyer-support-id') ?? '')).trace, TRACE);
});

test('without a trace, or with one that is none, one begins here and nothing of the other is passed on', async (t) => {
  const { gateway, cookie, seen } = await start(t);
  for (const lines of ['', 'traceparent: 00-x\r\ntracestate: a=1\r\n', 'tracestate: a=1\r\n']) {
    const client = await rawClient(gateway.port, { servername: 'wiki.test' });
    client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n${lines}\r\n`);
    const answer = await client.answer();
    const line = await gateway.accessLine(header(answer.headers, 'foyer-support-id') ?? '');
    const headers = seen.at(-1) ?? [];
    assert.match(header(headers, 'traceparent') ?? '', new RegExp(`^00-${line.trace}-[0-9a-f]{16}-01$`));
    assert.equal(header(headers, 'tracestate'), null);
    client.socket.destroy();
  }
});

async function start(t: Ends) {
  const seen: string[][] = [];
  const server = createServer((request, response) => {
    seen.push(request.rawHeaders);
    response.end('hello');
  });
  server.on('upgrade', (request, socket) => {
    seen.push(request.rawHeaders);
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const gateway = await startGateway(t, {
    scheme: 'https',
    apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }],
  });
  return { gateway, seen, cookie: gateway.cookie(gateway.signIn(), 'wiki.test') };
}
