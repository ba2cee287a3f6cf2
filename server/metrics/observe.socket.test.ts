// The promises of metrics and readiness for `foyer start` as a whole: right counts over several gateways, also when they are replaced or killed.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { parseListen } from '#server/config/listen-address.ts';
import { gone, type Program, startProgram, temporaryFolder } from '#server/testing/program.ts';
import { conform, type Samples, sumOf } from './conformance.testing.ts';
import { observe } from './observe.ts';

test('R5, M10, Z3: two gateways are one count, which no reload and no crash makes smaller; a stop is told before it is done', async (t) => {
  const { env, dataDir, port } = await setup(t);
  const running = foyer(t, { ...env, FOYER_METRICS_LISTEN: '127.0.0.1:0', FOYER_LIMIT_DRAIN_DELAY: '3s' });
  const link = await running.until((line) => line.includes('/setup?token='));
  const metrics = await metricsOf(running);
  const asked = 60;
  for (let i = 0; i < asked; i += 1) assert.equal(await ask(port, '/sign-in?secret=S3CRET', 'portal.localhost'), 200);

  const samples = await until(metrics, (found) => counted(found) === asked);
  assert.equal(sumOf(samples, 'foyer_requests_total', { code: '2xx', outcome: 'portal' }), asked);
  assert.equal(sumOf(samples, 'foyer_request_duration_seconds_count'), asked);
  assert.equal(sumOf(samples, 'foyer_processes', { program: 'gateway' }), 2);
  assert.equal(sumOf(samples, 'foyer_scrape_missing'), 0);
  assert.equal(sumOf(samples, 'foyer_build_info'), 1);
  for (const process of ['supervisor', 'portal', 'gateway-1', 'gateway-2'])
    for (const name of ['foyer_process_resident_memory_bytes', 'foyer_process_cpu_seconds_total'])
      assert.ok(sumOf(samples, name, { process }) > 0, `${name} of ${process}`);

  const ready = await readiness(metrics);
  assert.deepEqual(ready, { status: 200, ready: true, reasons: [], states: ['ready', 'ready', 'ready'] });

  const secret = readFileSync(join(dataDir, 'secret.key'), 'utf8').trim();
  const token = new URL(link.trim()).searchParams.get('token') ?? '';
  const { text } = await fetchText(`${metrics}/metrics`);
  for (const word of [secret, token, 'S3CRET', dataDir, 'portal.localhost', '127.0.0.1'])
    assert.ok(word !== '' && !text.includes(word), word);
  assert.ok(!running.text().includes('S3CRET'));
  assert.ok(!running.text().includes(secret));

  running.process.kill('SIGHUP');
  await running.until((line) => line.includes('reload: done'));
  for (let i = 0; i < asked; i += 1) assert.equal(await ask(port, '/sign-in', 'portal.localhost'), 200);
  await until(metrics, (found) => counted(found) === 2 * asked);

  const pid = JSON.parse(await running.until((line) => line.includes('"msg":"reload: a gateway was replaced"'))).pid;
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  const after = await until(
    metrics,
    (found) => sumOf(found, 'foyer_process_restarts_total', { program: 'gateway' }) === 1,
  );
  assert.equal(counted(after), 2 * asked);
  await until(metrics, (found) => sumOf(found, 'foyer_processes', { state: 'current' }) === 3);

  running.process.kill('SIGTERM');
  const told = await untilNotReady(metrics);
  assert.deepEqual([told.status, told.reasons], [503, ['draining']]);
  assert.equal(await ask(port, '/sign-in', 'portal.localhost'), 200);
  assert.deepEqual(await running.ended(), { code: 0, signal: null }, running.text());
  await assert.rejects(fetch(`${metrics}/livez`));
});

test('R5: with every gateway full the operator is answered and sees it, and newcomers are served when there is room again', async (t) => {
  const { env, port } = await setup(t);
  const running = foyer(t, { ...env, FOYER_METRICS_LISTEN: '127.0.0.1:0', FOYER_LIMIT_CONNECTIONS: '10' });
  const metrics = await metricsOf(running);
  const crowd = Array.from({ length: 60 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  t.after(() => crowd.forEach((socket) => void socket.destroy()));
  const full = await until(metrics, (found) => sumOf(found, 'foyer_connections_turned_away_total') >= 40);
  assert.ok(sumOf(full, 'foyer_open_connections') <= 20);
  assert.equal((await readiness(metrics)).status, 200);
  for (const socket of crowd) socket.destroy();
  await until(metrics, (found) => sumOf(found, 'foyer_open_connections') === 0);
  const deadline = performance.now() + 15_000;
  const served = () => ask(port, '/sign-in', 'portal.localhost').catch(() => null);
  while ((await served()) !== 200) assert.ok(performance.now() < deadline, 'newcomers are turned away for good');
});

test('metrics are off when they are said to be off', async (t) => {
  const { env } = await setup(t);
  const running = foyer(t, { ...env, FOYER_METRICS_LISTEN: 'off' });
  const line = await running.until((text) => text.includes('Foyer is ready'));
  assert.equal(JSON.parse(line).metrics, null);
});

test('a port for metrics that is taken keeps Foyer from starting when it was asked for by name', async (t) => {
  const { env } = await setup(t);
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const running = foyer(t, { ...env, FOYER_METRICS_LISTEN: `127.0.0.1:${port}` });
  assert.equal((await running.ended()).code, 1);
  assert.match(
    running.text(),
    new RegExp(`Another program already listens on http://127\\.0\\.0\\.1:${port}, where metrics`),
  );
});

test('a default port that is taken is a warning, and Foyer runs without metrics', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const at = parseListen(`127.0.0.1:${(other.address() as AddressInfo).port}`, 'http');
  assert.ok(at);
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const observed = await observe(
    { metricsListen: { kind: 'listen', at, isDefault: true }, listen: [], gateways: 1 },
    log,
  );
  assert.ok(observed.kind === 'observed');
  t.after(() => observed.observer.close());
  assert.deepEqual([observed.observer.origin, observed.observer.env.FOYER_METRICS_LISTEN], [null, 'off']);
  assert.match(lines.join(''), /"level":40.*Another program already listens on .* Foyer runs without metrics\./);
});

function counted(samples: Samples): number {
  return sumOf(samples, 'foyer_requests_total');
}

async function metricsOf(running: Program): Promise<string> {
  const { metrics } = JSON.parse(await running.until((line) => line.includes('Foyer is ready')));
  assert.match(metrics, /^http:\/\/127\.0\.0\.1:\d+$/);
  return metrics;
}

/** Scrapes until it holds, as Prometheus would; no counter may fall from one scrape to the next. */
async function until(metrics: string, holds: (samples: Samples) => boolean): Promise<Samples> {
  const deadline = performance.now() + 15_000;
  let before: Samples = {};
  for (;;) {
    const { text } = await fetchText(`${metrics}/metrics`);
    const samples = conform(text);
    for (const [key, value] of Object.entries(before))
      if (/_(total|count|bucket)(\{|$)/.test(key)) assert.ok((samples[key] ?? 0) >= value, `${key} fell`);
    if (holds(samples)) return samples;
    assert.ok(performance.now() < deadline, `it never came to that:\n${text}`);
    before = samples;
    await delay(50);
  }
}

async function untilNotReady(metrics: string) {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const told = await readiness(metrics);
    if (!told.ready) return told;
    assert.ok(performance.now() < deadline, 'it says that it is ready all the time');
  }
}

async function readiness(metrics: string) {
  const response = await fetch(`${metrics}/readyz`);
  const { ready, reasons, processes } = (await response.json()) as {
    ready: boolean;
    reasons: string[];
    processes: { state: string }[];
  };
  return { status: response.status, ready, reasons, states: processes.map(({ state }) => state) };
}

async function fetchText(url: string): Promise<{ text: string }> {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  return { text: await response.text() };
}

async function setup(t: TestContext): Promise<{ env: Record<string, string>; port: number; dataDir: string }> {
  const dataDir = temporaryFolder(t);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const env = {
    FOYER_PORTAL_URL: `http://portal.localhost:${port}`,
    FOYER_LISTEN: `127.0.0.1:${port}`,
    FOYER_DATA_DIR: dataDir,
    FOYER_GATEWAYS: '2',
  };
  return { env, port, dataDir };
}

function foyer(t: TestContext, env: Record<string, string>): Program {
  return startProgram(t, { args: ['bin/foyer.js', 'start'], env });
}

/** A connection of its own each time, so that the kernel chooses the gateway each time. */
function ask(port: number, path: string, hostname: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const headers = { host: `${hostname}:${port}` };
  get({ host: '127.0.0.1', port, path, headers, agent: new Agent({ keepAlive: false }) }, (response) => {
    response.resume();
    response.on('end', () => resolve(response.statusCode));
    response.on('error', reject);
  }).on('error', reject);
  return promise;
}
