// The promises of a gateway's metrics: what happened on real connections is counted, by the names that operators know, and no secret is among them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { httpServer, startGateway, type TestGateway } from '../http/gateway.testing.ts';
import { header, rawClient } from '../http/raw-client.testing.ts';
import { conform, type Samples, sumOf } from './conformance.testing.ts';
import { gatewayFamilies } from './gateway-families.ts';
import { createLedger } from './ledger.ts';

const SECRET = 'S3CRET';

test('requests, refusals and decisions of every kind are counted once each', async (t) => {
  const { gateway, cookie } = await start(t);
  const table: [request: string, status: number, labels: Record<string, string>][] = [
    [get('wiki.test', '/a', cookie), 200, { app: 'wiki', code: '2xx', outcome: 'forwarded' }],
    [get('wiki.test', '/a'), 401, { app: 'wiki', code: '4xx', outcome: 'sign-in' }],
    [get('bank.test', '/', gateway.cookie(gateway.signIn(), 'bank.test')), 403, { app: 'bank', outcome: 'denied' }],
    [get('portal.test', '/'), 200, { app: 'none', code: '2xx', outcome: 'portal' }],
    [get('nobody.test', '/'), 404, { app: 'none', code: '4xx', outcome: 'refused' }],
    [get('gone.test', '/', gateway.cookie(gateway.signIn(), 'gone.test')), 502, { app: 'gone', outcome: 'failed' }],
  ];
  for (const [request, status, labels] of table) {
    const client = await rawClient(gateway.port);
    client.write(request);
    const answer = await client.answer();
    assert.equal(answer.status, status, request);
    await gateway.accessLine(header(answer.headers, 'foyer-support-id') ?? '');
    client.socket.destroy();
    assert.equal(sumOf(await scrape(gateway), 'foyer_requests_total', labels), 1, JSON.stringify(labels));
  }
  const samples = await scrape(gateway);
  assert.equal(sumOf(samples, 'foyer_requests_total'), table.length);
  assert.equal(sumOf(samples, 'foyer_request_duration_seconds_count'), table.length);
  assert.equal(sumOf(samples, 'foyer_refusals_total'), 4);
  for (const [reason, count] of Object.entries({ 'no-grant': 1, 'not-assigned': 1, 'host-unknown': 1 }))
    assert.equal(sumOf(samples, 'foyer_refusals_total', { reason }), count, reason);
  for (const [decision, count] of Object.entries({ allow: 2, 'sign-in': 1, deny: 1 }))
    assert.equal(sumOf(samples, 'foyer_decisions_total', { decision }), count, decision);
  assert.ok(sumOf(samples, 'foyer_response_bytes_total', { app: 'wiki' }) > 0);
});

test('a WebSocket is counted while it is open, and as one request when it is over', async (t) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const gateway = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
  const headers = { Host: 'wiki.test', Cookie: gateway.cookie(gateway.signIn(), 'wiki.test') };
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/`, { headers, origin: 'http://wiki.test' });
  await once(socket, 'open');
  assert.equal(sumOf(await scrape(gateway), 'foyer_open_websockets'), 1);
  socket.close();
  await once(socket, 'close');
  await gateway.until(() => gateway.logs.some(({ status }) => status === 101));
  const samples = await scrape(gateway);
  assert.equal(sumOf(samples, 'foyer_open_websockets'), 0);
  assert.equal(sumOf(samples, 'foyer_requests_total', { protocol: 'WebSocket', code: '1xx' }), 1);
  assert.equal(sumOf(samples, 'foyer_request_duration_seconds_count', { app: 'wiki' }), 0);
});

test('M10: no cookie, query, path, person or host name is in the metrics, nor a secret in the access lines', async (t) => {
  const { gateway, cookie } = await start(t);
  const lines = [`Cookie: ${cookie}; a=${SECRET}`, `Authorization: Bearer ${SECRET}`, `Foyer-Assertion: ${SECRET}`];
  const client = await rawClient(gateway.port);
  client.write(`GET /path-of-ada?token=${SECRET} HTTP/1.1\r\nHost: wiki.test\r\n${lines.join('\r\n')}\r\n\r\n`);
  const answer = await client.answer();
  assert.equal(answer.status, 200);
  await gateway.accessLine(header(answer.headers, 'foyer-support-id') ?? '');
  client.socket.destroy();
  const grant = cookie.slice(cookie.indexOf('=') + 1);
  const text = await textOf(gateway);
  for (const word of [SECRET, grant, 'path-of-ada', 'ada@corp.example', 'wiki.test', 'portal.test', '127.0.0.1'])
    assert.ok(!text.includes(word), word);
  for (const word of [SECRET, grant, 'ada@corp.example', 'wiki.test'])
    assert.ok(!JSON.stringify(gateway.logs).includes(word), word);
});

async function start(t: TestContext) {
  const upstream = await httpServer(t, (_request, response) => response.end('hello'));
  const gateway = await startGateway(t, {
    apps: [
      { id: 'wiki', hosts: ['wiki.test'], upstream },
      { id: 'bank', hosts: ['bank.test'], upstream, assignments: [] },
      { id: 'gone', hosts: ['gone.test'], upstream: 1 },
    ],
  });
  return { gateway, cookie: gateway.cookie(gateway.signIn(), 'wiki.test') };
}

function get(host: string, path: string, cookie = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${cookie && `Cookie: ${cookie}\r\n`}\r\n`;
}

async function scrape(gateway: TestGateway): Promise<Samples> {
  return conform(await textOf(gateway));
}

function textOf({ context }: TestGateway): Promise<string> {
  const nothing = { clear: 0, tls: 0, tlsHttp1: 0, tlsHttp2: 0, streams: 0, http2Resets: 0, http2Floods: 0 };
  const ledger = createLedger();
  const families = gatewayFamilies(context.counters, {
    name: 'gateway-1',
    listening: { ...nothing, tlsHandshakeFailures: 0, turnedAway: 0 },
    live: context.live.size,
    sessions: context.sessions.size,
    feedAgeSeconds: 0,
    revision: context.snapshot().revision,
    certificatesEnd: [],
    auditWaiting: 0,
    shed: {},
    upstream: { connections: 0, running: 0, waiting: 0, ejected: 0 },
  });
  ledger.told(1, families);
  return ledger.text(new Set([1]), []);
}
