// Clusters in the store: settings that come back as they were saved, beats of one speaker for each number, drains that are audited.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAfter } from '#server/core/serial.ts';
import { getCluster, readCluster, setDraining } from './cluster.ts';
import { type Beat, noteBeat, raiseSerial, readNodes } from './cluster-presence.ts';
import { saveSetting } from './settings.ts';
import { anotherStore, SYSTEM, saved, someone, temporaryStore } from './testing/temporary-store.ts';

const CLUSTER = {
  name: 'Internet.intern.netz.',
  subClusters: [{ nodes: '1-2, 4', loadBalancers: [2, 1], lan: ['192.168.1.100/24'], nat: ['10.10.10.100/24'] }],
  views: [{ subnets: ['10.10.10.0/24'], side: 'nat' }],
};

const beat = (parts: Partial<Beat> = {}): Beat => ({
  ...{ number: 1, name: 'gw1', instance: 'a', startedAt: 5, beat: 1, seenAt: 1_000_000 },
  ...{ state: 'running', gateways: 2, gatewaysReady: 2 },
  ...parts,
});

test('settings are worked out, come back the same way, and what contradicts itself is refused at its field', async (t) => {
  const { store } = await temporaryStore(t);
  assert.equal((await readCluster(store)).cluster, null);
  saved(await saveSetting(store, SYSTEM, 'cluster', CLUSTER));
  const { settings, cluster } = await readCluster(store);
  assert.deepEqual(
    cluster?.nodes.map(({ number, isLoadBalancer, addresses }) => [number, isLoadBalancer, addresses.lan[0]]),
    [
      [1, true, '192.168.1.100'],
      [2, true, '192.168.1.101'],
      [4, false, '192.168.1.103'],
    ],
  );
  saved(await saveSetting(store, SYSTEM, 'cluster', settings));
  assert.deepEqual((await readCluster(store)).settings, settings);
  const refused = await saveSetting(store, SYSTEM, 'cluster', { ...CLUSTER, maxLoadBalancers: 1 });
  assert.ok(refused.kind === 'invalid' && /ceiling is 1/.test(refused.errors['subClusters.0.loadBalancers'] ?? ''));
  for (const nodes of ['one', 0, -1, 1e9, '1-99999', [0], [1.5], null, {}])
    assert.equal(
      (await saveSetting(store, SYSTEM, 'cluster', { ...CLUSTER, subClusters: [{ ...CLUSTER.subClusters[0], nodes }] }))
        .kind,
      'invalid',
      JSON.stringify(nodes),
    );
});

test('D14: a number has one speaker: a second one is told so until the first is silent, stopped, or stamped in the future', async (t) => {
  const { store } = await temporaryStore(t);
  assert.equal(await noteBeat(store, beat()), 'noted');
  assert.equal(await noteBeat(store, beat({ beat: 2, seenAt: 1_001_000 })), 'noted');
  const other = (seenAt: number) => noteBeat(store, beat({ instance: 'b', name: 'gw2', startedAt: 9, seenAt }));
  assert.equal(await other(1_002_000), 'taken');
  assert.equal((await readNodes(store))[0]?.name, 'gw1');
  assert.equal(await other(1_004_000), 'noted');
  assert.equal(await noteBeat(store, beat({ seenAt: 1_004_500 })), 'taken');
  assert.equal(await noteBeat(store, beat({ instance: 'b', state: 'stopped', seenAt: 1_005_000 })), 'noted');
  assert.equal(await noteBeat(store, beat({ seenAt: 1_005_001 })), 'noted');
  assert.equal(await other(900_000), 'noted', 'a clock that was set back');
});

test('TG-X1: draining is an audited write that beats do not undo, of nodes that are there, by those who may', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const admin = await someone(store, 'admin');
  assert.equal((await setDraining(store, admin, 2, true)).kind, 'not-found');
  saved(await saveSetting(store, admin, 'cluster', CLUSTER));
  assert.equal((await setDraining(store, await someone(store, 'auditor'), 2, true)).kind, 'forbidden');
  saved(await setDraining(store, admin, 2, true));
  saved(await setDraining(store, admin, 2, true));
  await noteBeat(store, beat({ number: 2 }));
  const found = await getCluster(store, admin);
  assert.ok(found.kind === 'found');
  assert.deepEqual(found.nodes[0]?.drainingSince, clock.now);
  assert.equal(found.nodes[0]?.presence?.gatewaysReady, 2);
  saved(await setDraining(store, admin, 2, false));
  assert.equal((await readNodes(store))[0]?.drainingSince, null);
  assert.equal((await setDraining(store, admin, 3, true)).kind, 'not-found');
  const events = await store.db
    .selectFrom('audit_events')
    .select('action')
    .where('action', 'like', 'gateway-%')
    .execute();
  assert.deepEqual(events.map(({ action }) => action).sort(), ['gateway-drained', 'gateway-undrained']);
});

test('D14: two who answer for one zone never give a serial twice, nor one that is behind, when the clock goes back', async (t) => {
  const { store, clock, dataDir } = await temporaryStore(t);
  const other = await anotherStore(t, dataDir, clock);
  const seconds = () => Math.floor(clock.now / 1_000);
  const serials = await Promise.all(
    Array.from({ length: 20 }, (_, at) => raiseSerial(at % 2 ? store : other, seconds())),
  );
  assert.equal(new Set(serials).size, 20);
  assert.equal(Math.min(...serials), seconds());
  clock.now -= 86_400_000;
  const later = await raiseSerial(store, seconds());
  assert.ok(serials.every((serial) => isAfter(later, serial)));
});
