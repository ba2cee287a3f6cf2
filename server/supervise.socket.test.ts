// The promises of the supervisor, with real processes: no connection is refused while a gateway is replaced, and nothing is left behind.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

test('Z5: a gateway killed while connections come in refuses none, and another takes its place', async (t) => {
  const { port, lines, pids } = await startSupervisor(t);
  const [, first] = pids;
  assert.ok(first);
  const seen = new Set<string>();
  let answered = 0;
  // Requests that the dying process holds are lost with it; connections that it had not taken yet never are.
  const refused: string[] = [];
  const knock = async () => {
    const answer = await request(port).catch((error: NodeJS.ErrnoException) => error);
    if (answer instanceof Error) {
      if (answer.code === 'ECONNREFUSED') refused.push(answer.message);
    } else {
      seen.add(answer);
      answered++;
    }
  };
  for (const victim of pids.slice(1)) {
    const knocking = Array.from({ length: 50 }, knock);
    process.kill(victim, 'SIGKILL');
    await Promise.all([...knocking, ...Array.from({ length: 50 }, knock)]);
  }
  await lines.until((line) => line.includes('ended and is started again') && line.includes('gateway 2'));
  for (let replaced = 0; replaced < 2; ) {
    await knock();
    replaced = [...seen].filter((pid) => !pids.includes(Number(pid))).length > 0 ? 2 : 0;
  }
  assert.deepEqual(refused, []);
  assert.ok(answered > 0);
  assert.match(lines.text(), /"child":"gateway 1","exitCode":null,"signal":"SIGKILL"/);
});

test('Z3: SIGTERM lets the request under way end, refuses newcomers, and leaves no process', async (t) => {
  const { port, process: supervisor, pids, lines } = await startSupervisor(t, { TEST_SLOW_MS: '400' });
  const slow = request(port, '/slow');
  await lines.until((line) => line.endsWith(' works'));
  supervisor.kill('SIGTERM');
  assert.match(await slow, /^\d+$/);
  assert.deepEqual(await ended(supervisor), { code: 0, signal: null });
  await assert.rejects(request(port), { code: 'ECONNREFUSED' });
  assert.deepEqual(pids.filter(isAlive), [], lines.text());
});

test('Z3: a second signal ends everything at once', async (t) => {
  const env = { TEST_CRASH: 'never-ends', TEST_DRAIN_MS: '60000' };
  const { process: supervisor, pids, lines } = await startSupervisor(t, env);
  supervisor.kill('SIGTERM');
  await lines.until((line) => line === `${pids[1]} drains`);
  supervisor.kill('SIGTERM');
  assert.equal((await ended(supervisor)).code, 143);
  await Promise.all(pids.map(gone));
});

test('Z3: a child that does not end is killed when the drain time is over', async (t) => {
  const { process: supervisor, pids } = await startSupervisor(t, { TEST_CRASH: 'never-ends', TEST_DRAIN_MS: '-1900' });
  supervisor.kill('SIGTERM');
  await gone(pids[1] ?? 0);
  supervisor.kill('SIGTERM');
  await ended(supervisor);
  await Promise.all(pids.map(gone));
});

test('children end by themselves when the supervisor is killed', async (t) => {
  const { process: supervisor, pids } = await startSupervisor(t);
  supervisor.kill('SIGKILL');
  await ended(supervisor);
  await Promise.all(pids.map(gone));
});

test('SIGHUP reaches every gateway and not the portal', async (t) => {
  const { process: supervisor, pids, lines } = await startSupervisor(t);
  const [portal, first, second] = pids;
  supervisor.kill('SIGHUP');
  await lines.until((line) => line === `${first} SIGHUP`);
  await lines.until((line) => line === `${second} SIGHUP`);
  assert.ok(!lines.text().includes(`${portal} SIGHUP`));
});

test('Z5: a child that crashes at once is tried with growing waits, then the start is given up with a sentence', async (t) => {
  const lines = await launch(t, { TEST_CRASH: 'at-once' });
  const said = JSON.parse(await lines.until((line) => line.startsWith('{"kind"')));
  assert.equal(said.kind, 'refused');
  assert.match(said.sentence, /ended 5 times before it was ready \(last: exit code 3\)/);
  const given = /The (.+) process ended/.exec(said.sentence)?.[1];
  const waits = lines.text().matchAll(new RegExp(`"child":"${given}".*?"waitMs":(\\d+)`, 'g'));
  assert.deepEqual(
    Array.from(waits, (match) => Number(match[1])),
    [100, 200, 400, 800, 1600],
  );
});

test('a taken port is one sentence that names it and says what to do', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const { port } = other.address() as { port: number };
  const lines = await launch(t, { TEST_LISTEN: `127.0.0.1:${port}` });
  const said = JSON.parse(await lines.until((line) => line.startsWith('{"kind"')));
  assert.equal(said.code, 'EADDRINUSE');
  assert.equal(
    said.sentence,
    `Another program already listens on http://127.0.0.1:${port}: stop it, or name another address or port in FOYER_LISTEN.`,
  );
});

type Lines = { until(wanted: (line: string) => boolean): Promise<string>; text(): string; process: ChildProcess };

async function startSupervisor(t: TestContext, env: Record<string, string> = {}) {
  const lines = await launch(t, env);
  const said = JSON.parse(await lines.until((line) => line.startsWith('{"kind"')));
  assert.equal(said.kind, 'running', lines.text());
  const pids: number[] = said.pids;
  t.after(() => pids.filter(isAlive).forEach((pid) => void process.kill(pid, 'SIGKILL')));
  return { port: Number(said.port), pids, lines, process: lines.process };
}

async function launch(t: TestContext, env: Record<string, string>): Promise<Lines> {
  const dataDir = await mkdtemp(join(tmpdir(), 'foyer-supervise-'));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'testing/supervisor.ts')], {
    env: { ...process.env, TEST_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(dataDir, { recursive: true, force: true });
  });
  const seen: string[] = [];
  const waiting = new Set<() => void>();
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    seen.push(line);
    for (const wake of waiting) wake();
  });
  const until = (wanted: (line: string) => boolean) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = seen.find(wanted);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      reader.once('close', () => reject(new Error(`The supervisor ended without it:\n${seen.join('\n')}`)));
      look();
    });
  return { until, text: () => seen.join('\n'), process: child };
}

function request(port: number, path = '/'): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      response.setEncoding('utf8');
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve(body));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
  });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return { code: child.exitCode, signal: child.signalCode };
}

/** Not our children, so their end is looked for and not told. */
async function gone(pid: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (isAlive(pid)) {
    assert.ok(performance.now() < deadline, `process ${pid} is still there`);
    await delay(10);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
