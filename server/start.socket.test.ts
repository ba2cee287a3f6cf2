// The promises of `foyer start` as a whole: one supervisor per data directory, a link for the first administrator, sentences for mistakes, nothing left behind.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, readdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { descendants, gone, type Program, startProgram, temporaryFolder } from './testing/program.ts';

test('the first start prints a link for an administrator, admin link another, and both lead to the set-up page', async (t) => {
  const { env, port } = await setup(t);
  const running = foyer(t, env, 'start');
  const first = await running.until((line) => line.includes('/setup?token='));
  await running.until((line) => line.includes('Foyer is ready'));
  const other = foyer(t, env, 'admin', 'link');
  const second = await other.until((line) => line.includes('/setup?token='));
  assert.deepEqual(await other.ended(), { code: 0, signal: null });
  assert.notEqual(first.trim(), second.trim());
  for (const link of [first, second]) {
    const url = new URL(link.trim());
    assert.equal(url.origin, `http://portal.localhost:${port}`);
    assert.equal(await statusOf(port, url), 200);
  }
});

test('all that is on stdout is lines of JSON; what is for a person is on stderr', async (t) => {
  const { env, port } = await setup(t);
  const running = foyer(t, env, 'start');
  const [stdout, stderr] = [running.process.stdout, running.process.stderr].map(written);
  await running.until((line) => line.includes('/setup?token='));
  await statusOf(port, new URL(`http://portal.localhost:${port}/sign-in`));
  running.process.kill('SIGTERM');
  await running.ended();
  const lines = stdout?.().split('\n').filter(Boolean) ?? [];
  assert.ok(lines.length > 2, running.text());
  for (const line of lines) assert.doesNotThrow(() => JSON.parse(line), line);
  assert.match(stderr?.() ?? '', /\/setup\?token=/);
});

test('B4: a second supervisor on one data directory is refused with a sentence, and the first goes on', async (t) => {
  const { env, port, dataDir } = await setup(t);
  const first = foyer(t, env, 'start');
  await first.until((line) => line.includes('Foyer is ready'));
  const second = foyer(t, { ...env, FOYER_LISTEN: '127.0.0.1:0' }, 'start');
  assert.deepEqual(await second.ended(), { code: 1, signal: null });
  assert.match(second.text(), new RegExp(`Another Foyer \\(process \\d+\\) is running on ${dataDir}\\. Stop it first`));
  assert.equal(await statusOf(port, new URL(`http://portal.localhost:${port}/sign-in`)), 200);
});

test('B4, Z5: a killed supervisor leaves no process, no lock and no socket that stop the next start', async (t) => {
  const { env } = await setup(t);
  const first = foyer(t, env, 'start');
  await first.until((line) => line.includes('Foyer is ready'));
  const left = descendants(first.process.pid ?? 0);
  assert.ok(left.length >= 2, first.text());
  first.process.kill('SIGKILL');
  await Promise.all(left.map(gone));
  const second = foyer(t, env, 'start');
  await second.until((line) => line.includes('Foyer is ready'));
});

test('Z3: SIGTERM ends the supervisor with code 0 and every process with it', async (t) => {
  const { env } = await setup(t);
  const running = foyer(t, env, 'start');
  await running.until((line) => line.includes('Foyer is ready'));
  const left = descendants(running.process.pid ?? 0);
  running.process.kill('SIGTERM');
  assert.deepEqual(await running.ended(), { code: 0, signal: null }, running.text());
  await Promise.all(left.map(gone));
});

test('another secret than the store’s is one sentence, and nothing is started', async (t) => {
  const { env } = await setup(t);
  const first = foyer(t, env, 'start');
  await first.until((line) => line.includes('Foyer is ready'));
  first.process.kill('SIGTERM');
  await first.ended();
  const second = foyer(t, { ...env, FOYER_SECRET_KEY: randomBytes(32).toString('base64') }, 'start');
  assert.deepEqual(await second.ended(), { code: 1, signal: null });
  assert.match(second.text(), /^The store was sealed under another FOYER_SECRET_KEY: start with that one\..+$/);
});

test('a data directory that cannot be made is one sentence at once', async (t) => {
  const { env } = await setup(t);
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  const program = foyer(t, { ...env, FOYER_DATA_DIR: join(file, 'data') }, 'start');
  assert.deepEqual(await program.ended(), { code: 1, signal: null });
  assert.equal(
    program.text(),
    `The data directory ${file}/data cannot be made (ENOTDIR): make it for this user, or name another one in FOYER_DATA_DIR.`,
  );
});

test('an access log that cannot be opened is one sentence that names it, and nothing is started', async (t) => {
  const { env, dataDir } = await setup(t);
  const file = join(dataDir, 'nowhere', 'access.log');
  const program = foyer(t, { ...env, FOYER_ACCESS_LOG: file }, 'start');
  assert.deepEqual(await program.ended(), { code: 1, signal: null });
  assert.equal(
    program.text(),
    `FOYER_ACCESS_LOG: The log file ${file} cannot be opened (ENOENT). Make its directory for this user, or name another file.`,
  );
});

test('authorities that cannot be used are one sentence, and nothing is started', async (t) => {
  const { env, dataDir } = await setup(t);
  const file = join(dataDir, 'authorities.pem');
  for (const why of ['ENOENT', 'it holds no certificate']) {
    const program = foyer(t, { ...env, FOYER_UPSTREAM_CA: file }, 'start');
    assert.deepEqual(await program.ended(), { code: 1, signal: null });
    assert.equal(
      program.text(),
      `FOYER_UPSTREAM_CA cannot be used (${file}: ${why}): name a PEM file that Foyer’s user may read.`,
    );
    writeFileSync(file, 'no certificate\n');
  }
});

test('every mistake in the environment is said at once, and nothing is started', async (t) => {
  const program = foyer(t, { FOYER_GATEWAYS: 'many', FOYER_DATA_DIR: temporaryFolder(t) }, 'start');
  assert.deepEqual(await program.ended(), { code: 1, signal: null });
  assert.match(program.text(), /FOYER_PORTAL_URL is missing/);
  assert.match(program.text(), /FOYER_GATEWAYS is no number of processes/);
});

test('the doctor finds a running set-up sound, and says so to scripts', async (t) => {
  const { env } = await setup(t);
  const running = foyer(t, env, 'start');
  await running.until((line) => line.includes('Foyer is ready'));
  const doctor = foyer(t, env, 'doctor', '--json');
  assert.deepEqual(await doctor.ended(), { code: 0, signal: null }, doctor.text());
  await doctor.until((line) => line === '}');
  const report = JSON.parse(doctor.text());
  assert.equal(report.ok, true);
  const checks: string[] = report.findings.map((finding: { check: string }) => finding.check);
  for (const check of [
    'node',
    'configuration',
    'clock',
    'data-directory',
    'secret',
    'port',
    'administrator',
    'public-name',
  ])
    assert.ok(checks.includes(check), check);
});

test('the doctor makes nothing in the data directory of the user that Foyer runs as', async (t) => {
  const { env, dataDir } = await setup(t);
  const mayGive = process.getuid?.() === 0;
  if (mayGive) chownSync(dataDir, NOBODY, NOBODY);
  const doctor = foyer(t, { ...env, NODE_COMPILE_CACHE: '' }, 'doctor');
  await doctor.ended();
  assert.deepEqual(readdirSync(dataDir), mayGive ? [] : ['compile-cache']);
  if (mayGive) assert.match(doctor.text(), /^! .+ belongs to another user of this machine \(65534\): run foyer as/m);
});

const NOBODY = 65_534;

async function setup(t: TestContext): Promise<{ env: Record<string, string>; port: number; dataDir: string }> {
  const dataDir = temporaryFolder(t);
  const port = await freePort();
  const env = {
    FOYER_PORTAL_URL: `http://portal.localhost:${port}`,
    FOYER_LISTEN: `127.0.0.1:${port}`,
    FOYER_DATA_DIR: dataDir,
    FOYER_GATEWAYS: '1',
  };
  return { env, port, dataDir };
}

function foyer(t: TestContext, env: Record<string, string>, ...args: string[]): Program {
  return startProgram(t, { args: ['bin/foyer.js', ...args], env });
}

function written(stream: Readable | null): () => string {
  let text = '';
  stream?.on('data', (chunk) => {
    text += chunk;
  });
  return () => text;
}

/** As a browser asks: by the public name, which only the connection's address replaces. */
function statusOf(port: number, url: URL): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const headers = { host: url.host, accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  get({ host: '127.0.0.1', port, path: url.pathname + url.search, headers, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode);
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
