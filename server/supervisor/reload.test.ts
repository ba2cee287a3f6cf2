// The promise of a reload that is asked for while one runs: one more follows, however often it was asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as settled } from 'node:timers/promises';
import { pino } from 'pino';
import type { Replaced } from './child.ts';
import { createReload } from './reload.ts';

test('Z4: asked again while one runs, however often, one more reload follows, and a later one counts anew', async () => {
  const generations: number[] = [];
  const first = Promise.withResolvers<Replaced>();
  const gateway = {
    name: 'gateway 1',
    pid: () => 1,
    refreshTls: () => {},
    reopenLogs: () => {},
    replace: (generation: number): Promise<Replaced> => {
      generations.push(generation);
      return first.promise;
    },
  };
  const reload = createReload({
    gateways: [gateway],
    readCertificates: () => ({ kind: 'read', texts: [] }),
    setCertificates: () => {},
    log: pino({ level: 'silent' }),
  });
  for (let asked = 0; asked < 4; asked += 1) reload.ask();
  assert.deepEqual(generations, [1]);
  first.resolve({ kind: 'replaced' });
  await settled();
  assert.deepEqual(generations, [1, 2]);
  reload.ask();
  await settled();
  assert.deepEqual(generations, [1, 2, 3]);
});
