// What the nameserver looks after by the clock, with nobody who asks for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { endpoint } from '#server/dns/packet.testing.ts';
import { createNameserverReload } from './reload.ts';
import { readSetup } from './setup.ts';
import { createSources } from './sources.ts';
import { watchFiles } from './watch-files.ts';

test('ST4.X: systemd-resolved is looked after every minute, since its link may have come', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const log = pino({ level: 'silent' });
  const read = readSetup(null, log);
  assert.ok(read.kind === 'setup');
  const looks: boolean[] = [];
  const reload = createNameserverReload({
    path: null,
    sources: createSources(read.setup, null, log),
    listeners: { use: async () => null, plain: () => [endpoint('127.0.0.53', 53)], close: async () => {} },
    resolved: {
      use: async (_wanted, server, options) => {
        assert.equal(server?.port, 53);
        looks.push(options?.isLook === true);
      },
      stop: async () => {},
    },
    metrics: { use: async () => null },
    watch: watchFiles(),
    log,
  });
  assert.equal(await reload.begin(), null);
  t.mock.timers.tick(59_999);
  t.mock.timers.tick(1);
  t.mock.timers.tick(60_000);
  await reload.end();
  assert.deepEqual(looks, [false, true, true]);
});
