// The promise of the access log's file: it has every request's line and nobody else may read it, and SIGHUP opens it again in every gateway.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, startLivingFoyer } from '#server/supervisor/life-cycle.testing.ts';
import { temporaryFolder } from '#server/testing/program.ts';

test('a file that was moved away is begun again after SIGHUP, also by the gateway that is replaced', async (t) => {
  const file = join(temporaryFolder(t), 'access.log');
  const foyer = await startLivingFoyer(t, { gateways: 2, env: { FOYER_ACCESS_LOG: file } });
  const paths = (name = file): string[] => {
    try {
      const lines = readFileSync(name, 'utf8').split('\n').slice(0, -1);
      return lines.map((line) => JSON.parse(line)).map(({ path, status }) => `${status} ${path}`);
    } catch {
      return [];
    }
  };
  const written = (line: string) => eventually(`there is ${line}`, () => (paths().includes(line) ? true : undefined));

  const socket = await foyer.socket();
  await foyer.get('/before?secret');
  await written('200 /before');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const old = foyer.pids('gateway');
  renameSync(file, `${file}.1`);
  process.kill(foyer.pid, 'SIGHUP');
  await eventually('both gateways are replaced', () =>
    foyer.pids('gateway').filter((pid) => !old.includes(pid)).length === 2 ? true : undefined,
  );
  const closed = once(socket, 'close');
  socket.close();
  await closed;
  await written('101 /');
  await foyer.get('/after');
  await written('200 /after');
  assert.deepEqual(paths(`${file}.1`), ['200 /before']);
  assert.ok(!readFileSync(foyer.logFile, 'utf8').includes('"access"'));
});

test('off: no line is written, and requests are served', async (t) => {
  const foyer = await startLivingFoyer(t, { gateways: 1, env: { FOYER_ACCESS_LOG: 'off' } });
  assert.equal((await foyer.get('/')).status, 200);
  process.kill(foyer.pid, 'SIGTERM');
  await foyer.exited;
  assert.ok(!readFileSync(foyer.logFile, 'utf8').includes('"path"'));
});
