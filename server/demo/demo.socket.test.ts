// The promises of `foyer demo`: one command, a sample network that only its own DNS knows, and nothing left when it ends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseAddress } from '#server/core/address.ts';
import type { Endpoint } from '#server/core/app.ts';
import { parseHostname } from '#server/core/hostname.ts';
import { openExchange } from '#server/dial/own-exchange.ts';
import { createResolver } from '#server/dns/resolve.ts';
import { createLog } from '#server/log.ts';
import { descendants, gone, type Program, startProgram, temporaryFolder } from '#server/testing/program.ts';

test('it prints where, as whom and in which browser, and Ctrl-C ends every process', async (t) => {
  const { program, port } = await startDemo(t, { env: { SSH_CONNECTION: '198.51.100.7 50000 198.51.100.9 2222' } });
  assert.ok(program.text().split('\n').includes(`Foyer is ready: http://portal.localhost:${port}`));
  await program.until((line) => line.includes('Ctrl-C ends all of it.'));
  for (const expected of [
    /ada@corp\.example +\S+ +every app, and administers Foyer/,
    /linus@corp\.example +\S+ +1 app/,
    /Tried in Chromium/,
  ])
    assert.match(program.text(), expected);
  assert.match(program.text(), new RegExp(`ssh -L ${port}:127\\.0\\.0\\.1:${port} -p 2222 \\S+@198\\.51\\.100\\.9`));
  const left = descendants(program.process.pid ?? 0);
  // A name server, three apps, a portal and at least one gateway.
  assert.ok(left.length >= 6, String(left.length));
  program.process.kill('SIGINT');
  assert.deepEqual(await program.ended(), { code: 0, signal: null }, program.text());
  await Promise.all(left.map(gone));
});

test('the demo killed outright leaves no process behind', async (t) => {
  const { program } = await startDemo(t);
  const left = descendants(program.process.pid ?? 0);
  program.process.kill('SIGKILL');
  await Promise.all(left.map(gone));
});

test('its apps are at their private addresses, known to its own name server alone, and closed to strangers at the gateway', async (t) => {
  const { program, port } = await startDemo(t);
  const server = endpointIn(await program.until((line) => line.includes('private DNS server')));
  const log = createLog({ level: 'silent', program: 'test' });
  const { exchange, close } = openExchange({ now: Date.now });
  const resolver = createResolver({ servers: [server], exchange, now: Date.now, log });
  t.after(() => {
    resolver.close();
    close();
  });
  for (const [app, title] of [
    ['wiki', 'Wiki'],
    ['board', 'Ops board'],
    ['mirror', 'Mirror'],
  ] as const) {
    const name = parseHostname(`${app}.corp.internal`);
    assert.ok(name);
    const answer = await resolver.lookup(name);
    assert.equal(answer.kind, 'addresses');
    const host = app === 'board' ? 'ops' : app;
    const { address, port: appPort } = endpointIn(
      await program.until((line) => line.includes(`http://${host}.corp.localhost`)),
    );
    assert.deepEqual(answer.kind === 'addresses' && answer.addresses, [address]);
    const path = app === 'wiki' ? '/pages/welcome' : '/';
    const direct = await fetchText({ host: address, port: appPort, path });
    assert.match(direct.body, new RegExp(`<strong>${title}</strong>`));
    const stranger = await fetchText({
      host: '127.0.0.1',
      port,
      path,
      headers: { host: `${host}.corp.localhost:${port}` },
    });
    assert.equal(stranger.status, 401);
    assert.ok(!stranger.body.includes(address) && !stranger.body.includes('corp.internal'));
  }
});

test('a second start keeps what the first one made, --reset begins again', async (t) => {
  const dataDir = temporaryFolder(t);
  const secret = () => readFileSync(join(dataDir, 'secret.key'), 'utf8');
  await endAfterReady((await startDemo(t, { dataDir })).program);
  const first = secret();
  await endAfterReady((await startDemo(t, { dataDir })).program);
  assert.equal(secret(), first);
  await endAfterReady((await startDemo(t, { dataDir, args: ['--reset'] })).program);
  assert.notEqual(secret(), first);
});

test('--reset leaves a directory alone that the demo did not make', async (t) => {
  const dataDir = join(temporaryFolder(t), 'mine');
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'letters.txt'), 'dear');
  const program = demo(t, await freePort(), dataDir, ['--reset']);
  assert.deepEqual(await program.ended(), { code: 1, signal: null });
  assert.match(
    program.text(),
    /was not made by the demo, so --reset leaves it alone: name another one with --data-dir/,
  );
  assert.ok(existsSync(join(dataDir, 'letters.txt')));
});

test('B4: a second demo on the same data directory is refused, with and without --reset', async (t) => {
  const dataDir = temporaryFolder(t);
  await startDemo(t, { dataDir });
  for (const args of [[], ['--reset']]) {
    const second = demo(t, await freePort(), dataDir, args);
    assert.deepEqual(await second.ended(), { code: 1, signal: null });
    assert.match(second.text(), /Another Foyer .* is running on .+\. Stop it first, or choose another --data-dir\.$/);
  }
});

test('a taken port is one sentence that says how to choose another', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const program = demo(t, port, temporaryFolder(t), []);
  assert.deepEqual(await program.ended(), { code: 1, signal: null });
  assert.match(
    program.text(),
    new RegExp(`^Port ${port} is taken by another program: .* npm run demo -- --port \\d+$`),
  );
});

test('a wrong port is a sentence too', async (t) => {
  for (const port of ['0', '70000', 'http']) {
    const program = demo(t, port, temporaryFolder(t), []);
    assert.deepEqual(await program.ended(), { code: 1, signal: null });
    assert.match(program.text(), /^--port is no port: .* for example --port 9000\.$/);
  }
});

test('--https serves every name with a certificate of its own authority', async (t) => {
  const dataDir = temporaryFolder(t);
  const { port } = await startDemo(t, { dataDir, args: ['--https'] });
  const ca = readFileSync(join(dataDir, 'certificates/authority.pem'), 'utf8');
  for (const name of [
    'portal.localhost',
    'wiki.corp.localhost',
    'wiki-files.corp.localhost',
    'ops.corp.localhost',
    'mirror.corp.localhost',
  ]) {
    const { status } = await fetchText({
      host: '127.0.0.1',
      port,
      path: '/',
      headers: { host: `${name}:${port}` },
      servername: name,
      ca,
    });
    assert.ok(status && status < 500, `${name}: ${status}`);
  }
});

type DemoOptions = { dataDir?: string; args?: readonly string[]; env?: Record<string, string> };

async function startDemo(t: TestContext, { dataDir = temporaryFolder(t), args = [], env = {} }: DemoOptions = {}) {
  const port = await freePort();
  const program = demo(t, port, dataDir, args, env);
  await program.until((line) => line.startsWith('Foyer is ready: '));
  return { program, port };
}

function demo(t: TestContext, port: number | string, dataDir: string, args: readonly string[], env = {}): Program {
  const all = ['bin/foyer.js', 'demo', '--port', String(port), '--data-dir', dataDir, ...args];
  return startProgram(t, { args: all, env: { FOYER_GATEWAYS: '1', ...env } });
}

async function endAfterReady(program: Program): Promise<void> {
  program.process.kill('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null }, program.text());
}

/** The `address port number` in a line of the ready text. */
function endpointIn(line: string): Endpoint {
  const [, text = '', port] = /([0-9.]+) port (\d+)/.exec(line) ?? [];
  const address = parseAddress(text);
  assert.ok(address, line);
  return { address, port: Number(port) };
}

type Request = {
  host: string;
  port: number;
  path: string;
  headers?: Record<string, string>;
  servername?: string;
  ca?: string;
};

function fetchText(request: Request): Promise<{ status: number | undefined; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; body: string }>();
  const get = request.ca ? getHttps : getHttp;
  get({ ...request, agent: false }, (response) => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (text) => {
      body += text;
    });
    response.on('end', () => resolve({ status: response.statusCode, body }));
  }).on('error', reject);
  return promise;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
