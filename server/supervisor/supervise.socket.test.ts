// The promises of the supervisor, with real processes: no connection is refused while a gateway is replaced, and nothing is left behind.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gone, isAlive, type Program, startProgram, temporaryFolder } from '#server/testing/program.ts';

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
  await lines.until((line) => /"child":"gateway 1","exitCode":null,"signal":"SIGKILL"/.test(line));
});

test('Z3: SIGTERM lets the request under way end, refuses newcomers, and leaves no process', async (t) => {
  const { port, process: supervisor, pids, lines } = await startSupervisor(t, { TEST_SLOW_MS: '400' });
  const slow = request(port, '/slow');
  await lines.until((line) => line.endsWith(' works'));
  supervisor.kill('SIGTERM');
  assert.match(await slow, /^\d+$/);
  assert.deepEqual(await lines.ended(), { code: 0, signal: null });
  await assert.rejects(request(port), { code: 'ECONNREFUSED' });
  assert.deepEqual(pids.filter(isAlive), [], lines.text());
});

test('Z3: a second signal ends everything at once', async (t) => {
  const env = { TEST_CRASH: 'never-ends', TEST_DRAIN_MS: '60000' };
  const { process: supervisor, pids, lines } = await startSupervisor(t, env);
  supervisor.kill('SIGTERM');
  await lines.until((line) => line === `${pids[1]} drains`);
  supervisor.kill('SIGTERM');
  assert.equal((await lines.ended()).code, 143);
  await Promise.all(pids.map(gone));
});

test('Z3: a child that does not end is killed when the drain time is over', async (t) => {
  const {
    process: supervisor,
    pids,
    lines,
  } = await startSupervisor(t, { TEST_CRASH: 'never-ends', TEST_DRAIN_MS: '-1900' });
  supervisor.kill('SIGTERM');
  await gone(pids[1] ?? 0);
  supervisor.kill('SIGTERM');
  await lines.ended();
  await Promise.all(pids.map(gone));
});

test('Z6: a bug in the supervisor itself is logged, drained, and ends with a code that starts it again', async (t) => {
  const { process: supervisor, pids, lines } = await startSupervisor(t);
  supervisor.kill('SIGUSR2');
  assert.deepEqual(await lines.ended(), { code: 1, signal: null });
  assert.match(lines.text(), /"level":"fatal".*a bug of the supervisor/);
  assert.deepEqual(pids.filter(isAlive), []);
});

test('children end by themselves when the supervisor is killed', async (t) => {
  const { process: supervisor, pids, lines } = await startSupervisor(t);
  supervisor.kill('SIGKILL');
  await lines.ended();
  await Promise.all(pids.map(gone));
});

test('every child can be asked: who it is, and a sentence where there is no answer', async (t) => {
  const { lines, pids, process: supervisor } = await startSupervisor(t);
  const ask = async (topic: string) => {
    const said = lines.until((line) => line.startsWith(`answers ${topic} `));
    supervisor.stdin?.write(`ask ${topic}\n`);
    return JSON.parse((await said).slice(`answers ${topic} `.length));
  };
  const who = await ask('who');
  const expected = ['portal', 'gateway 1', 'gateway 2'].map((name, number) => ({
    ...{ name, number, pid: pids[number], generation: 0, isRetired: false },
    ...{ kind: 'value', value: { number, generation: 0, pid: pids[number] } },
  }));
  assert.deepEqual(who, expected);
  const problems = async (topic: string) => (await ask(topic)).map(({ problem }: { problem: string }) => problem);
  assert.deepEqual((await problems('broken'))[1], 'That is not known here.');
  assert.deepEqual((await problems('tides'))[1], 'This process knows no "tides".');
  assert.deepEqual((await problems('mute'))[1], 'The gateway 1 process gave no answer to mute in 300 ms.');
  assert.match(lines.text(), /told born \{"number":2,"generation":0\}/);
});

test('a portal may ask for what gateways hold, a gateway may not, and nobody may ask for anything else', async (t) => {
  const { lines, process: supervisor } = await startSupervisor(t);
  const ask = async (topic: string) => {
    const said = lines.until((line) => line.startsWith(`answers ${topic} `));
    supervisor.stdin?.write(`ask ${topic} app-1\n`);
    return JSON.parse((await said).slice(`answers ${topic} `.length));
  };
  const [portal, ...gateways] = await ask('ask-held-names');
  const held = (number: number) => ({ gateway: number, names: [{ host: 'app-1', number }], servers: [] });
  assert.deepEqual(portal.value, [held(1), held(2)]);
  const refused = [...gateways, ...(await ask('ask-weather'))].map(({ problem }: { problem: string }) => problem);
  assert.deepEqual(refused, [
    ...Array(2).fill('The supervisor knows no "held-names".'),
    ...Array(3).fill('The supervisor knows no "weather".'),
  ]);
});

test('every gateway has the same key for session tickets, those that come later too, and all get the next one', async (t) => {
  // A key's time begins with the supervisor, and everybody may be late.
  const startedAt = performance.now();
  const { lines, pids, process: supervisor } = await startSupervisor(t, { TEST_TICKET_KEYS_MS: '1500' });
  const keys = async () => {
    const asked = lines.text().split('answers keys ').length;
    supervisor.stdin?.write('ask keys\n');
    await lines.until(() => lines.text().split('answers keys ').length > asked);
    const [, ...gateways]: { value: string }[] = JSON.parse(
      lines.text().split('answers keys ').pop()?.split('\n')[0] ?? '',
    );
    return gateways.map(({ value }) => value);
  };
  const [first = '', ...others] = await keys();
  assert.equal(Buffer.from(first, 'base64').length, 48);
  assert.deepEqual(others, [first]);
  process.kill(pids[1] ?? 0, 'SIGKILL');
  await lines.until(() => lines.text().split('told born {"number":1').length === 3);
  let now = await keys();
  while (now.length < 2 || now.includes(first)) now = await keys();
  assert.ok(performance.now() - startedAt > 1_500, 'not before its time');
  assert.equal(now[0], now[1]);
  assert.notEqual(now[0], first);
});

test('Z4: SIGHUP replaces one gateway after the other, and not the portal', async (t) => {
  const { process: supervisor, pids, lines, port } = await startSupervisor(t);
  const [portal, first, second] = pids;
  supervisor.kill('SIGHUP');
  await lines.until((line) => line.includes('reload: done'));
  await Promise.all([first, second].map((pid) => gone(pid ?? 0)));
  for (const pid of [first, second]) {
    assert.ok(lines.text().includes(`${pid} retires in 60000 ms`));
  }
  assert.ok(isAlive(portal ?? 0));
  const told = lines.text().match(/told born .*|\d+ retires/g);
  assert.deepEqual(told?.slice(-4), [
    'told born {"number":1,"generation":1}',
    `${first} retires`,
    'told born {"number":2,"generation":1}',
    `${second} retires`,
  ]);
  assert.ok(!pids.includes(Number(await request(port))));
});

test('Z4: SIGHUP during a reload is remembered: another one follows it, and a later one counts too', async (t) => {
  const { process: supervisor, lines } = await startSupervisor(t);
  supervisor.kill('SIGHUP');
  await lines.until((line) => line.includes('"generation":1') && line.includes('every gateway is replaced'));
  supervisor.kill('SIGHUP');
  await lines.until((line) => line.includes('another one follows'));
  supervisor.kill('SIGHUP');
  await lines.until((line) => line.includes('"generation":2') && line.includes('reload: done'));
  supervisor.kill('SIGHUP');
  await lines.until((line) => line.includes('"generation":3') && line.includes('reload: done'));
});

test('Z4: a new gateway that does not get ready leaves the old ones serving, with an alarm', async (t) => {
  const { process: supervisor, pids, lines, port } = await startSupervisor(t, { TEST_CRASH: 'second-generation' });
  supervisor.kill('SIGHUP');
  const said = JSON.parse(await lines.until((line) => line.includes('reload: given up')));
  assert.equal(said.alarm, true);
  assert.match(said.msg, /The new gateway 1 process did not get ready \(exit code 4\)/);
  assert.ok(pids.every(isAlive));
  assert.ok(pids.includes(Number(await request(port))));
  // The next crash is no reload: the place goes on with the generation that worked.
  process.kill(pids[1] ?? 0, 'SIGKILL');
  await lines.until((line) => line.includes('ended and is started again') && line.includes('gateway 1'));
  await lines.until(() => lines.text().split('told born {"number":1,"generation":0}').length === 3);
});

test('Z5: a child that crashes at once is tried with growing waits, then the start is given up with a sentence', async (t) => {
  const lines = launch(t, { TEST_CRASH: 'at-once' });
  const said = JSON.parse(await lines.until((line) => line.startsWith('{"kind"')));
  assert.equal(said.kind, 'refused');
  assert.match(said.sentence, /ended 5 times before it was ready \(last: exit code 3\)/);
  await lines.ended();
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
  const lines = launch(t, { TEST_LISTEN: `127.0.0.1:${port}` });
  const said = JSON.parse(await lines.until((line) => line.startsWith('{"kind"')));
  assert.equal(said.code, 'EADDRINUSE');
  assert.equal(
    said.sentence,
    `Another program already listens on http://127.0.0.1:${port}: stop it, or name another address or port in FOYER_LISTEN.`,
  );
});

async function startSupervisor(t: TestContext, env: Record<string, string> = {}) {
  const lines = launch(t, env);
  const said = JSON.parse(await lines.until((line) => line.startsWith('{"kind"')));
  assert.equal(said.kind, 'running', lines.text());
  const pids: number[] = said.pids;
  t.after(() => pids.filter(isAlive).forEach((pid) => void process.kill(pid, 'SIGKILL')));
  return { port: Number(said.port), pids, lines, process: lines.process };
}

function launch(t: TestContext, env: Record<string, string>): Program {
  const args = [join(import.meta.dirname, '../testing/supervisor.ts')];
  return startProgram(t, { args, env: { TEST_DATA_DIR: temporaryFolder(t), ...env }, input: true });
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
