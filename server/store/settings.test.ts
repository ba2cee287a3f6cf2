// Settings: what administrators may change, and that no row of them holds back the rest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN_BRAND } from '#server/core/brand.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { saveApp } from './apps.ts';
import { getSetting, readSetting, saveSetting } from './settings.ts';
import { loadSnapshot } from './snapshot.ts';
import { appInputFor, SYSTEM, saved, someone, someSite, temporaryStore } from './testing/temporary-store.ts';

const BRAND = { company: 'Example Ltd', accent: '#0A6', support: 'help@corp.example', logo: null };

test('a brand that was saved is in the next snapshot, its colour as a page takes it', async (t) => {
  const { store } = await temporaryStore(t);
  assert.deepEqual((await loadSnapshot(store)).snapshot.portal.brand, PLAIN_BRAND);
  const refused = await saveSetting(store, SYSTEM, 'brand', BRAND);
  assert.equal(refused.kind, 'invalid');
  assert.match(
    refused.kind === 'invalid' ? (refused.errors.accent ?? '') : '',
    /contrast 2\.\d.*#00\w{4} is the nearest/,
  );
  const first = saved(await saveSetting(store, SYSTEM, 'brand', { ...BRAND, accent: '#063' }));
  assert.deepEqual((await loadSnapshot(store)).snapshot.portal.brand, { ...BRAND, accent: '#006633' });
  assert.equal((await saveSetting(store, SYSTEM, 'brand', PLAIN_BRAND, first.updatedAt - 1)).kind, 'conflict');
});

test('M1: only who may change settings does, and an auditor reads them', async (t) => {
  const { store } = await temporaryStore(t);
  for (const role of ['member', 'app-owner', 'auditor'] as const) {
    const actor = await someone(store, role);
    assert.equal((await saveSetting(store, actor, 'brand', PLAIN_BRAND)).kind, 'forbidden', role);
    assert.equal((await getSetting(store, actor, 'brand')).kind, role === 'auditor' ? 'found' : 'forbidden', role);
  }
  saved(await saveSetting(store, await someone(store, 'admin'), 'brand', PLAIN_BRAND));
});

test('what is no brand is refused with a sentence, and a row that cannot be read is the default', async (t) => {
  const { store } = await temporaryStore(t);
  for (const input of [
    { ...PLAIN_BRAND, logo: 'data:image/svg+xml;base64,PHN2Zz4=' },
    { ...PLAIN_BRAND, logo: 'https://elsewhere.example/x.png' },
    { ...PLAIN_BRAND, accent: 'red;}' },
    { ...PLAIN_BRAND, company: 'a\nb' },
    { ...PLAIN_BRAND, unknown: 1 },
    null,
  ]) {
    assert.equal((await saveSetting(store, SYSTEM, 'brand', input)).kind, 'invalid', JSON.stringify(input));
  }
  await store.db.insertInto('settings').values({ key: 'brand', value: '{"accent":7', updated_at: 1 }).execute();
  assert.deepEqual((await readSetting(store.db, 'brand')).value, PLAIN_BRAND);
  saved(await saveSetting(store, SYSTEM, 'brand', { ...PLAIN_BRAND, company: 'Mended' }));
  assert.equal((await readSetting(store.db, 'brand')).value.company, 'Mended');
});

test('F7: the names of the cluster, aliases, machines, apps and Foyer itself take nothing from each other, whichever came first', async (t) => {
  const gatewayName = 'gw.corp.internal' as Hostname;
  const berlin = { label: 'berlin', nodes: '1-2', loadBalancers: '1', lan: ['192.168.1.100/24'] };
  const settings = {
    cluster: (name: string) => ({ name, subClusters: [berlin] }),
    aliases: (zone: string) => ({ zone, addresses: ['203.0.113.20'], nameServers: ['ns1.elsewhere.test'] }),
    machines: (zone: string) => ({ zone }),
    ending: (search: string) => ({ search: [search] }),
  };
  type Kind = keyof typeof settings | 'app';
  const table: [Kind, string, Kind, string, RegExp | null][] = [
    ['machines', 'intern.netz', 'cluster', 'internet.intern.netz', /intern\.netz/],
    ['machines', 'n2.internet.intern.netz', 'cluster', 'internet.intern.netz', /n2\.internet\.intern\.netz/],
    ['machines', 'home.internet.intern.netz', 'cluster', 'internet.intern.netz', null],
    ['ending', 'intern.netz', 'cluster', 'internet.intern.netz', /intern\.netz/],
    [
      'aliases',
      'intern.netz',
      'cluster',
      'internet.intern.netz',
      /in the zone of aliases|internet\.intern\.netz is in this/,
    ],
    [
      'aliases',
      'berlin.intern.netz',
      'cluster',
      'intern.netz',
      /in the zone of aliases|berlin\.intern\.netz is in this/,
    ],
    ['aliases', 'alias.intern.netz', 'cluster', 'intern.netz', null],
    ['aliases', 'intern.netz', 'machines', 'home.intern.netz', /in the zone of aliases|home\.intern\.netz is in this/],
    ['aliases', 'alias.intern.netz', 'machines', 'intern.netz', /intern\.netz/],
    ['aliases', 'machines.portal.example', 'aliases', 'portal.example', /portal/],
    ['app', 'wiki.intern.netz', 'cluster', 'intern.netz', /wiki\.intern\.netz lies below|below the cluster/],
    ['app', 'x.n1.intern.netz', 'cluster', 'intern.netz', /x\.n1\.intern\.netz lies below|below the cluster/],
    ['app', 'intern.netz', 'cluster', 'intern.netz', null],
    ['app', 'berlin.intern.netz', 'cluster', 'intern.netz', null],
    ['app', 'other-intern.netz', 'cluster', 'intern.netz', null],
  ];
  const { store } = await temporaryStore(t, { gatewayName });
  const siteId = await someSite(store);
  const save = ([kind, name]: [Kind, string]) => {
    if (kind === 'app') return saveApp(store, SYSTEM, null, appInputFor(siteId, { hosts: [name] }));
    return saveSetting(store, SYSTEM, kind === 'ending' ? 'machines' : kind, settings[kind](name));
  };
  const refusals = async (first: [Kind, string], second: [Kind, string]): Promise<string> => {
    await store.db.deleteFrom('settings').execute();
    await store.db.deleteFrom('apps').execute();
    const before = await save(first);
    const outcome = before.kind === 'saved' ? await save(second) : before;
    return outcome.kind === 'invalid' ? Object.values(outcome.errors).join(' ') : outcome.kind;
  };
  for (const [one, name, other, otherName, sentence] of table) {
    for (const said of [
      await refusals([one, name], [other, otherName]),
      await refusals([other, otherName], [one, name]),
    ])
      assert.match(said, sentence ?? /^saved$/, `${one} ${name}, ${other} ${otherName}`);
  }
  await store.db.deleteFrom('settings').execute();
  for (const kind of ['cluster', 'aliases', 'machines'] as const) {
    const refused = await saveSetting(store, SYSTEM, kind, settings[kind]('corp.internal'));
    assert.ok(refused.kind === 'invalid' && JSON.stringify(refused.errors).includes(gatewayName), kind);
  }
  saved(await saveSetting(store, SYSTEM, 'cluster', settings.cluster(gatewayName)));
  saved(await saveSetting(store, SYSTEM, 'cluster', settings.cluster('portal.example')));
});

test('F7: what a name took from another before that was refused can still be saved, and takes nothing more', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const cluster = (nodes: string) => ({
    name: 'intern.netz',
    subClusters: [{ label: 'berlin', nodes, loadBalancers: '1', lan: ['192.168.1.100/24'] }],
  });
  saved(await saveSetting(store, SYSTEM, 'cluster', cluster('1-2')));
  const { id } = saved(await saveApp(store, SYSTEM, null, appInputFor(siteId, { hosts: ['wiki.other.test'] })));
  await store.db.updateTable('app_hosts').set({ host: 'wiki.intern.netz' }).execute();
  const save = (hosts: readonly string[]) => saveApp(store, SYSTEM, id, appInputFor(siteId, { name: 'Wiki 2', hosts }));
  saved(await save(['wiki.intern.netz']));
  const refused = await save(['wiki.intern.netz', 'news.intern.netz']);
  assert.ok(refused.kind === 'invalid');
  assert.deepEqual(Object.keys(refused.errors), ['hosts.1']);
  saved(await saveSetting(store, SYSTEM, 'cluster', cluster('1-3')));
});
