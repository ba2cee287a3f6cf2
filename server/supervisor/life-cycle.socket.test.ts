// The promises of a real Foyer about its end and its accidents: what runs is finished, what dies is replaced, and nobody is signed out.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { constants } from 'node:http2';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, openHttp2 } from '#server/http/http2-client.testing.ts';
import { GATEWAY_MEMORY } from '#server/http/limits.ts';
import { makeCertificate } from '../../bench/certificate.ts';
import { APP_HOST, PORTAL_HOST } from '../../bench/foyer-side.ts';
import { eventually, type LivingFoyer, startLivingFoyer } from './life-cycle.testing.ts';

const TIMEOUT = { timeout: 120_000 };
const MISBEHAVES = `--import=${join(import.meta.dirname, '../testing/misbehave.ts')}`;

test(
  'Z3: SIGTERM lets requests and uploads end, says so on kept connections, and ends with code 0',
  TIMEOUT,
  async (t) => {
    const foyer = await startLivingFoyer(t, { env: { FOYER_LIMIT_DRAIN: '8s' } });
    const download = foyer.get('/slow?2000');
    const waiting = foyer.get('/wait?2000');
    const upload = foyer.request('/', { method: 'POST' });
    upload.write('x'.repeat(1_000));
    await foyer.atWork(3);
    const head = `GET / HTTP/1.1\r\nhost: ${APP_HOST}:${foyer.port}\r\ncookie: ${foyer.cookie}\r\n`;
    const idle = connect({ port: foyer.port, host: '127.0.0.1' });
    const idleEnded = once(idle, 'end');
    idle.write(`${head}\r\n`);
    assert.doesNotMatch(String((await once(idle, 'data'))[0]), /^connection: close/im);
    const asking = connect({ port: foyer.port, host: '127.0.0.1' });
    asking.write(head);
    await once(asking, 'connect');
    // The same loop reads both in the order of their arrival.
    assert.equal((await foyer.get('/')).body, 'at once');

    const signalledAt = performance.now();
    process.kill(foyer.pid, 'SIGTERM');
    await eventually('newcomers are refused', () => refusal(foyer.port));
    asking.write('\r\n');
    const answer = (await asking.setEncoding('latin1').toArray()).join('');
    assert.match(answer, /^HTTP\/1\.1 200 .*\r\nconnection: close\r\n.*at once$/is);
    await idleEnded;
    upload.end('x'.repeat(1_000));
    const [uploaded] = (await once(upload, 'response')) as [IncomingMessage];
    assert.equal((await uploaded.setEncoding('utf8').toArray()).join(''), '2000');
    assert.equal((await download).body, 'begun, ended');
    const waited = await waiting;
    assert.equal(waited.body, 'waited');
    assert.equal(waited.headers.connection, 'close');
    assert.deepEqual(await foyer.exited, { code: 0, signal: null });
    assert.ok(performance.now() - signalledAt < 8_000, 'it waits for nothing but what runs');
  },
);

test('Z3: an open WebSocket hears 1001 when the grace is over, and not before', TIMEOUT, async (t) => {
  const foyer = await startLivingFoyer(t, { env: { FOYER_LIMIT_DRAIN: '4s' } });
  const socket = await foyer.socket();
  const closed = once(socket, 'close');
  const signalledAt = performance.now();
  process.kill(foyer.pid, 'SIGTERM');
  await eventually('newcomers are refused', () => refusal(foyer.port));
  socket.send('still there?');
  assert.equal(String((await once(socket, 'message'))[0]), 'still there?');
  const [code] = await closed;
  assert.equal(code, 1001);
  assert.ok(performance.now() - signalledAt >= 1_500);
  assert.deepEqual(await foyer.exited, { code: 0, signal: null });
});

test('Z3: HTTP/2 connections hear a GOAWAY that cuts nothing, and their streams end', TIMEOUT, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-drain-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const certificate = await makeCertificate(dir, [APP_HOST, PORTAL_HOST]);
  const foyer = await startLivingFoyer(t, { certificate, env: { FOYER_LIMIT_DRAIN: '8s' } });
  const session = await openHttp2(foyer.port, APP_HOST);
  t.after(() => session.destroy());
  const head = { ':path': '/slow?3000', ':authority': `${APP_HOST}:${foyer.port}`, cookie: foyer.cookie };
  const slow = ask(session, head);
  await foyer.atWork(1);
  const goaway = once(session, 'goaway');
  process.kill(foyer.pid, 'SIGTERM');
  const [code, lastStream] = await goaway;
  assert.deepEqual([code, lastStream], [constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1]);
  assert.equal((await slow).body.toString(), 'begun, ended');
  assert.deepEqual(await foyer.exited, { code: 0, signal: null });
});

test('Z3: before it refuses newcomers it serves on for the delay that is set', TIMEOUT, async (t) => {
  const foyer = await startLivingFoyer(t, { env: { FOYER_LIMIT_DRAIN_DELAY: '1500ms' } });
  const signalledAt = performance.now();
  process.kill(foyer.pid, 'SIGTERM');
  while (performance.now() - signalledAt < 1_000) assert.equal((await foyer.get('/')).status, 200);
  await foyer.exited;
  assert.ok(performance.now() - signalledAt >= 1_500);
});

test(
  'Z5: a gateway killed under load is replaced within three seconds, refuses nobody, and nobody is signed out',
  TIMEOUT,
  async (t) => {
    const foyer = await startLivingFoyer(t, { gateways: 2 });
    const { stop, results } = knock(foyer);
    t.after(stop);
    const [victim = 0] = foyer.pids('gateway');
    const killedAt = performance.now();
    process.kill(victim, 'SIGKILL');
    await eventually('the other one serves', () => results.find(({ at, what }) => at > killedAt && what === '200'));
    await eventually('two gateways are there', () => (gateways(foyer, victim).length === 2 ? true : undefined));
    await foyer.said('"alarm":true', 'ended and is started again', 'SIGKILL');
    const settledAt = performance.now();
    assert.ok(settledAt - killedAt < 3_000, `${settledAt - killedAt} ms`);
    await delay(500);
    await stop();
    const refused = results.filter(({ what }) => what !== '200' && what !== 'ECONNRESET');
    assert.deepEqual(refused, []);
    // What the killed process held is lost with it, and nothing else.
    const lost = results.filter(({ what }) => what === 'ECONNRESET');
    assert.ok(
      lost.every(({ startedAt }) => startedAt < killedAt + 500),
      JSON.stringify(lost),
    );
  },
);

test('Z5: a gateway that hoards memory ends at its ceiling, and another one takes its place', TIMEOUT, async (t) => {
  const env = { FOYER_GATEWAY_MEMORY: `${GATEWAY_MEMORY.min}B`, NODE_OPTIONS: MISBEHAVES, MISBEHAVE: 'hoard' };
  const foyer = await startLivingFoyer(t, { gateways: 2, env });
  const [victim = 0] = foyer.pids('gateway');
  process.kill(victim, 'SIGUSR2');
  await foyer.said('ended and is started again', 'SIGABRT');
  await eventually('two gateways are there', () => (gateways(foyer, victim).length === 2 ? true : undefined));
  assert.equal((await foyer.get('/')).status, 200);
});

for (const how of ['throw', 'reject'])
  test(`Z6: a gateway with a bug (${how}) says so, is replaced at once, and ends what it began`, TIMEOUT, async (t) => {
    const env = { NODE_OPTIONS: MISBEHAVES, MISBEHAVE: how };
    const foyer = await startLivingFoyer(t, { gateways: 1, env });
    const slow = foyer.get('/held');
    await foyer.atWork(1);
    const [gateway = 0] = foyer.pids('gateway');
    process.kill(gateway, 'SIGUSR2');
    const line = JSON.parse(await foyer.said('"level":"fatal"', 'an error that nobody handled'));
    assert.equal(line.program, 'gateway');
    assert.match(line.err.stack, /a bug in a (callback|promise)/);
    await eventually('another one is there', () => gateways(foyer, gateway)[0]);
    assert.equal((await foyer.get('/')).body, 'at once');
    // Another one while it drains: said, and nothing more.
    process.kill(gateway, 'SIGUSR2');
    foyer.letGo();
    assert.equal((await slow).body, 'begun, ended');
    await eventually('the old one is gone', () => (foyer.pids('gateway').includes(gateway) ? undefined : true));
  });

/** `ECONNREFUSED` once nobody listens. */
function refusal(port: number): true | undefined {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.once('error', () => refusals.add(port));
  socket.once('connect', () => socket.destroy());
  return refusals.has(port) || undefined;
}
const refusals = new Set<number>();

function gateways(foyer: LivingFoyer, without: number): number[] {
  return foyer.pids('gateway').filter((pid) => pid !== without);
}

type Knock = { startedAt: number; at: number; what: string };

/** A new connection with a request every ten milliseconds, until it is stopped. */
function knock(foyer: LivingFoyer): { results: Knock[]; stop(): Promise<void> } {
  const results: Knock[] = [];
  const under = new Set<Promise<void>>();
  const one = async () => {
    const startedAt = performance.now();
    const what = await foyer.get('/').then(
      ({ status }) => String(status),
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    results.push({ startedAt, at: performance.now(), what });
  };
  const knocking = setInterval(() => {
    const asked = one();
    under.add(asked);
    void asked.finally(() => under.delete(asked));
  }, 10);
  return {
    results,
    stop: async () => {
      clearInterval(knocking);
      await Promise.all(under);
    },
  };
}
