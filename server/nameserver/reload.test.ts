// What the nameserver looks after by the clock, with nobody who asks for it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import type { LocalZone } from '#server/dns/names.ts';
import { endpoint, name } from '#server/dns/packet.testing.ts';
import { buildZone } from '#server/dns/zone.ts';
import { type FoyerNames, NO_FOYER } from './names.ts';
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

test('ST4.X: without upstreams systemd-resolved asks us for what we answer, as it changes, and for nothing while that is nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-reload-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'names.json');
  const file = { upstreams: [], gateway: { inside: ['10.0.0.20'] }, resolved: { link: 'wg0', domains: [] } };
  writeFileSync(path, JSON.stringify(file));
  const log = pino({ level: 'silent' });
  const read = readSetup(path, log);
  assert.ok(read.kind === 'setup', JSON.stringify(read));
  const sources = createSources(read.setup, null, log);
  const told: (string | null)[] = [];
  const reload = createNameserverReload({
    ...{ path, sources, log, metrics: { use: async () => null }, watch: watchFiles() },
    listeners: { use: async () => null, plain: () => [endpoint('127.0.0.53', 53)], close: async () => {} },
    resolved: {
      use: async (wanted) => void told.push(wanted?.domains.join(' ') ?? null),
      stop: async () => {},
    },
  });
  let current: FoyerNames = NO_FOYER;
  sources.follow({ current: () => current, stop: async () => {} });
  assert.equal(await reload.begin(), null);
  current = {
    ...NO_FOYER,
    machines: [machines('yourorg.zt.net', 'ztna')],
    gatewayHosts: [name('wiki.corp.example')],
    hosted: [{ origin: name('gates.corp.internal'), zoneFor: () => null }],
  };
  reload.followed();
  await reload.end();
  current = NO_FOYER;
  reload.followed();
  await reload.end();
  assert.deepEqual(
    told,
    [null, '~yourorg.zt.net ~ztna ~wiki.corp.example ~gates.corp.internal'],
    'and no word after the end',
  );
});

function machines(origin: string, search: string): LocalZone {
  const built = buildZone({ origin: name(origin), lines: [{ name: 'win-a', type: 'A', value: '100.64.0.1' }] });
  assert.ok(built.kind === 'zone');
  return { zone: built.zone, search: [name(search)], answersSingleLabels: true, covers: 'whole' };
}
