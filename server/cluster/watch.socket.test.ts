// The promise of a cluster's name: it leads to nodes that live and to no other, four seconds after one died, whatever killed it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isAfter } from '#server/core/serial.ts';
import { answerPacket } from '#server/dns/authority.ts';
import { type Message, RCODE, TYPE } from '#server/dns/message.ts';
import { nameText } from '#server/dns/name.ts';
import { address, message, question } from '#server/dns/packet.testing.ts';
import { decode, encode } from '#server/dns/wire.ts';
import { createLog } from '#server/log.ts';
import { setDraining } from '#server/store/cluster.ts';
import { readNodes } from '#server/store/cluster-presence.ts';
import { migrateStore, openStore, type Store } from '#server/store/handle.ts';
import { saveSetting } from '#server/store/settings.ts';
import { PORTAL, SYSTEM, saved } from '#server/store/testing/temporary-store.ts';
import { eventually } from '#server/supervisor/life-cycle.testing.ts';
import { descendants, gone, type Program, startProgram, temporaryFolder } from '#server/testing/program.ts';
import { freePort } from '../../e2e/system/free-port.ts';
import { type ClusterWatch, watchCluster } from './watch.ts';

const NAME = 'internet.intern.netz';
const CLIENT = address('127.0.0.1');
const NOBODY = 'SERVFAIL';

function reply(watch: ClusterWatch, type: number): Message {
  const known = watch.zones().flatMap((hosted) => hosted.zoneFor(CLIENT) ?? []);
  const query = encode(message({ questions: [question(NAME, type)] }));
  const decoded = decode(answerPacket(query, 'udp', known) ?? Buffer.alloc(0));
  assert.ok(decoded.kind === 'message');
  return decoded.message;
}

/** What somebody who asks the cluster's name is told now: the last octets, in order; `SERVFAIL` where nobody answers for it. */
function told(watch: ClusterWatch): string {
  const views = watch.zones().map((hosted) => hosted.zoneFor(CLIENT));
  if (views.some((view) => view === null || view.isUnsaid)) return NOBODY;
  const { answers, isAuthoritative, rcode } = reply(watch, TYPE.A);
  if (rcode === RCODE.REFUSED) return 'REFUSED';
  assert.equal(isAuthoritative, true);
  return answers.map(({ data }) => (data.kind === 'a' ? (data.address.split('.')[3] ?? '') : data.kind)).join(' ');
}

/** How long it takes until that is the answer; nothing else but `before` may be one meanwhile. */
async function until(watch: ClusterWatch, wanted: string, before: readonly string[]): Promise<number> {
  const from = performance.now();
  for (;;) {
    const now = told(watch);
    if (now === wanted) return performance.now() - from;
    assert.ok(before.includes(now), `${now}, where ${before.join(' or ')} was until ${wanted} is`);
    assert.ok(performance.now() - from < 15_000, `still ${now}, not ${wanted}`);
    await delay(10);
  }
}

type Setup = {
  store: Store;
  dataDir: string;
  /** Has a store of its own to lose. */
  watch: ClusterWatch;
  watched: Store;
  /** Another process that answers for the same cluster. */
  watchAgain(): Promise<ClusterWatch>;
  at(number: number): { host: string; port: number };
  log(): string;
  start(number: number, options?: { elsewhere?: boolean }): Promise<Program>;
};

/** Node n is at 127.x.y.n. */
async function setup(t: TestContext, parts: Record<string, unknown> = {}, node: number | null = null): Promise<Setup> {
  const ends: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  const dataDir = temporaryFolder(t);
  await migrateStore({ dataDir, now: Date.now });
  const open = () => openStore({ dataDir, secret: Buffer.alloc(32, 1), portal: PORTAL, now: Date.now });
  const store = await open();
  ends.push(() => store.close());
  const net = `127.${20 + Math.floor(Math.random() * 200)}.${Math.floor(Math.random() * 250)}`;
  const checkPort = await freePort(`${net}.1`);
  const subClusters = [{ nodes: 3, loadBalancers: [1, 2], lan: [`${net}.1/24`] }];
  saved(await saveSetting(store, SYSTEM, 'cluster', { name: NAME, subClusters, checkPort, ...parts }));
  const watched = await open();
  ends.push(() => watched.close());
  const logFile = join(dataDir, 'test.log');
  const log = createLog({ level: 'info', program: 'test', fd: openSync(logFile, 'a') });
  const watch = await watchCluster({ store: watched, log, node, onZones: () => {} });
  ends.push(() => watch.stop());
  return {
    store,
    watch,
    watched,
    watchAgain: async () => {
      const again = await watchCluster({ store: watched, log, node, onZones: () => {} });
      ends.push(() => again.stop());
      return again;
    },
    dataDir,
    at: (number) => ({ host: `${net}.${number}`, port: checkPort }),
    log: () => readFileSync(logFile, 'utf8'),
    start: async (number, { elsewhere = false } = {}) => {
      const program = join(import.meta.dirname, '../testing/cluster-node.ts');
      const args = [program, dataDir, String(number), `${net}.${elsewhere ? 99 : number}`, String(checkPort)];
      const node = startProgram(t, { args });
      await node.until((line) => line === 'ready');
      return node;
    },
  };
}

test('TG-C3, TG-C5: a node that is killed is gone from answers in under four seconds, one that comes back is in them again, and without any the answer is SERVFAIL', async (t) => {
  const { watch, start } = await setup(t);
  assert.equal(told(watch), NOBODY);
  const first = await start(1);
  const second = await start(2);
  const third = await start(3);
  await until(watch, '1 2 3', [NOBODY, '1', '1 2', '1 3', '2', '2 3', '3']);

  second.process.kill('SIGKILL');
  const killedMs = await until(watch, '1 3', ['1 2 3']);
  assert.ok(killedMs < 4_000, `${killedMs} ms`);
  t.diagnostic(`killed: gone after ${Math.round(killedMs)} ms`);

  await start(2);
  await until(watch, '1 2 3', ['1 3']);

  // Hung is dead: the kernel still opens connections for it, and its heart does not beat.
  third.process.kill('SIGSTOP');
  const hungMs = await until(watch, '1 2', ['1 2 3']);
  third.process.kill('SIGCONT');
  assert.ok(hungMs < 4_000, `${hungMs} ms`);
  t.diagnostic(`stopped in its tracks: gone after ${Math.round(hungMs)} ms`);
  await until(watch, '1 2 3', ['1 2']);

  first.process.kill('SIGTERM');
  const stoppedMs = await until(watch, '2 3', ['1 2 3']);
  assert.ok(stoppedMs < 1_000, `a last word takes ${stoppedMs} ms`);
});

test('TG-C3: by heartbeats alone, without a port to check, it is less than four seconds too', async (t) => {
  const { watch, start } = await setup(t, { checkPort: null });
  const [, second] = [await start(1), await start(2)];
  await until(watch, '1 2', [NOBODY, '1', '2']);
  second.process.kill('SIGKILL');
  const killedMs = await until(watch, '1', ['1 2']);
  t.diagnostic(`killed: gone after ${Math.round(killedMs)} ms`);
  assert.ok(killedMs < 4_000, `${killedMs} ms`);
});

test('a node whose port is closed while its heart beats is gone with the next check', async (t) => {
  const { watch, start } = await setup(t);
  const nodes = await Promise.all([1, 2, 3].map((number) => start(number)));
  await until(watch, '1 2 3', [NOBODY, '1', '2', '3', '1 2', '1 3', '2 3']);
  nodes[2]?.process.kill('SIGUSR2');
  await nodes[2]?.until((line) => line === 'closed');
  assert.ok((await until(watch, '1 2', ['1 2 3'])) < 6_000);
});

test('TG-X1: the drain flag counts at once, and the connections of the node stay', async (t) => {
  const { store, watch, start, at } = await setup(t);
  await Promise.all([1, 2, 3].map((number) => start(number)));
  await until(watch, '1 2 3', [NOBODY, '1', '2', '3', '1 2', '1 3', '2 3']);
  const open = connect(at(2));
  t.after(() => open.destroy());
  await once(open, 'data');
  saved(await setDraining(store, SYSTEM, 2, true));
  assert.ok((await until(watch, '1 3', ['1 2 3'])) < 1_000);
  open.write('still there\n');
  assert.equal(String((await once(open, 'data'))[0]), 'still there\n');
  saved(await setDraining(store, SYSTEM, 2, false));
  assert.ok((await until(watch, '1 2 3', ['1 3'])) < 1_000);
});

test('D14: whoever cannot read the store any more says so once and refuses, instead of telling what was true', async (t) => {
  const { watch, watched, start, log } = await setup(t);
  await Promise.all([1, 2, 3].map((number) => start(number)));
  await until(watch, '1 2 3', [NOBODY, '1', '2', '3', '1 2', '1 3', '2 3']);
  await watched.db.destroy();
  const refusedMs = await until(watch, NOBODY, ['1 2 3']);
  assert.ok(refusedMs > 2_500 && refusedMs < 4_000, `${refusedMs} ms`);
  await eventually('it is said', () => log().includes('the store cannot be read') || undefined);
  assert.equal(log().split('the store cannot be read').length, 2);
  assert.doesNotMatch(log(), /127\.|intern\.netz/, 'neither addresses nor names');
});

test('D14: while everything changes, each answer is of one state and each serial says which; a later process goes on behind it', async (t) => {
  const { store, watch, watchAgain } = await setup(t, { whenAllDown: 'all', checkPort: null });
  const seen = new Map<number, Set<string>>();
  const serials: number[] = [];
  const ask = () => {
    const soa = reply(watch, TYPE.SOA).answers[0]?.data;
    assert.ok(soa?.kind === 'soa');
    seen.set(soa.serial, (seen.get(soa.serial) ?? new Set()).add(told(watch)));
    if (serials.at(-1) !== soa.serial) serials.push(soa.serial);
  };
  const changes = Array.from({ length: 12 }, (_, at) => ({ number: (at % 2) + 1, isDraining: at % 4 < 2 }));
  for (const { number, isDraining } of changes) {
    saved(await setDraining(store, SYSTEM, number, isDraining));
    const until = performance.now() + 300;
    for (ask(); performance.now() < until; ask()) await delay(1);
  }
  assert.ok(serials.length >= 6, `${serials}`);
  for (const [at, serial] of serials.slice(1).entries()) assert.ok(isAfter(serial, serials[at] ?? 0), `${serials}`);
  for (const [serial, answers] of seen) assert.equal(answers.size, 1, `${serial}: ${[...answers].join(' | ')}`);
  const later = reply(await watchAgain(), TYPE.SOA).answers[0]?.data;
  assert.ok(later?.kind === 'soa' && isAfter(later.serial, serials.at(-1) ?? 0));
});

test('D14: two that were given one number: the second is told, and changes nothing', async (t) => {
  const { store, start } = await setup(t);
  await start(1);
  const speaker = async () => (await readNodes(store))[0]?.presence?.startedAt;
  while ((await speaker()) === undefined) await delay(10);
  const before = await speaker();
  const second = await start(1, { elsewhere: true });
  await second.until((line) => line.includes('another Foyer speaks for this FOYER_CLUSTER_NODE'));
  assert.equal(await speaker(), before);
});

test('a node that is no load balancer answers for nothing, and a change of the settings is followed', async (t) => {
  const { store, watch } = await setup(t, {}, 3);
  assert.deepEqual(watch.zones(), []);
  const subClusters = [{ nodes: 3, loadBalancers: [3], lan: ['192.168.1.100/24'], label: 'berlin' }];
  saved(await saveSetting(store, SYSTEM, 'cluster', { name: NAME, subClusters }));
  const names = () => watch.zones().map(({ origin }) => nameText(origin));
  await eventually('it answers', () => (names().length > 0 ? true : undefined));
  assert.deepEqual(names(), [NAME, `berlin.${NAME}`]);
  saved(await saveSetting(store, SYSTEM, 'cluster', { name: null }));
  await eventually('it answers no more', () => (names().length === 0 ? true : undefined));
});

test('a name that is delegated is everybody’s to ask for, as soon as that is said and no longer', async (t) => {
  const { store, watch } = await setup(t);
  const subClusters = [{ nodes: 3, loadBalancers: [1], lan: ['192.168.1.100/24'], label: 'berlin' }];
  const isPublic = () => watch.zones().map((hosted) => hosted.isPublic);
  assert.deepEqual(isPublic(), [false]);
  for (const delegated of [true, false]) {
    saved(await saveSetting(store, SYSTEM, 'cluster', { name: NAME, subClusters, delegated }));
    await eventually('it counts', () => (isPublic().join() === `${delegated},${delegated}` ? true : undefined));
  }
});

test('a real Foyer beats for its node, has a last word when it ends, and is gone in four seconds when it is killed', async (t) => {
  const { store, watch, dataDir, at } = await setup(t);
  const { host, port } = at(1);
  const subClusters = [{ nodes: [1, 2], loadBalancers: [1], lan: [`${host}/24`] }];
  saved(await saveSetting(store, SYSTEM, 'cluster', { name: NAME, subClusters, checkPort: port }));
  const env = {
    ...{
      FOYER_PORTAL_URL: `http://portal.localhost:${port}`,
      FOYER_LISTEN: `${host}:${port}`,
      FOYER_DATA_DIR: dataDir,
    },
    ...{ FOYER_GATEWAYS: '1', FOYER_METRICS_LISTEN: 'off', FOYER_CLUSTER_NODE: '1' },
  };
  const foyer = () => startProgram(t, { args: ['bin/foyer.js', 'start'], env });
  const first = foyer();
  await first.until((line) => line.includes('Foyer is ready'));
  await until(watch, '1', [NOBODY]);
  first.process.kill('SIGTERM');
  assert.ok((await until(watch, NOBODY, ['1'])) < 1_500);
  await first.ended();
  assert.equal((await readNodes(store))[0]?.presence?.state, 'stopped');
  const second = foyer();
  await second.until((line) => line.includes('Foyer is ready'));
  await until(watch, '1', [NOBODY]);
  const processes = descendants(second.process.pid ?? 0);
  second.process.kill('SIGKILL');
  const killedMs = await until(watch, NOBODY, ['1']);
  t.diagnostic(`foyer start killed: gone after ${Math.round(killedMs)} ms`);
  assert.ok(killedMs < 4_000, `${killedMs} ms`);
  await Promise.all(processes.map(gone));
});

test('TG-C4: one at a time is each of the nodes, also for clients that ask for A, AAAA and HTTPS in turn', async (t) => {
  const { store, watch } = await setup(t, { selection: 'one', whenAllDown: 'all', checkPort: null });
  const answersOf = (types: readonly number[]) => {
    const named = new Set<string>();
    for (let asked = 0; asked < 60; asked++) {
      for (const { data } of [TYPE.A, ...types].flatMap((type) => reply(watch, type).answers))
        named.add(data.kind === 'a' ? (data.address.split('.')[3] ?? '') : data.kind);
    }
    return [...named].sort().join(' ');
  };
  assert.equal(answersOf([TYPE.AAAA, TYPE.HTTPS]), '1 2 3');
  saved(await setDraining(store, SYSTEM, 3, true));
  await eventually('node 3 is drained', () => (answersOf([]).includes('3') ? undefined : true));
  assert.equal(answersOf([TYPE.AAAA]), '1 2');
});

test('TG-0: a single system is named, whatever is heard of it', async (t) => {
  const { watch } = await setup(t, { subClusters: [{ nodes: 1, loadBalancers: [1], lan: ['192.168.1.100/24'] }] });
  assert.equal(told(watch), '100');
});
