// The promises of the snapshot: it is whole at one revision, and a bad row disables its own app only.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN_LOOK, PLAIN_TRAFFIC, PLAIN_UPSTREAM } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { listApps, saveApp, setAssignments } from './apps.ts';
import { loadSnapshot } from './snapshot.ts';
import type { Tables } from './tables.ts';
import { appInputFor, SYSTEM, saved, someApp, someSite, temporaryStore } from './testing/temporary-store.ts';

test('what was saved is what the snapshot holds', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store, {
    dnsServers: [{ address: '10.0.0.53', port: '53' }],
    zones: ['corp.internal'],
  });
  const appId = await someApp(store, siteId, {
    hosts: ['wiki.corp.example', 'files.corp.example'],
    upstream: {
      scheme: 'https',
      host: 'WIKI.corp.internal.',
      port: 8443,
      hostHeader: { kind: 'fixed', value: 'inner.corp.internal' },
      tls: { kind: 'pinned', sha256: 'AB:'.repeat(31).concat('CD') },
    },
    identityHeaders: ['remote'],
    maxSessionMs: 3_600_000,
  });
  saved(await setAssignments(store, SYSTEM, appId, [{ kind: 'everyone' }]));
  const { snapshot, problems } = await loadSnapshot(store);
  assert.deepEqual(problems, []);
  assert.deepEqual(snapshot.appsByHost.get('files.corp.example' as Hostname), {
    id: appId,
    name: 'Wiki',
    description: '',
    hosts: ['wiki.corp.example', 'files.corp.example'],
    ...PLAIN_LOOK,
    showInLauncher: true,
    enabled: true,
    siteId,
    upstream: {
      ...PLAIN_UPSTREAM,
      scheme: 'https',
      host: 'wiki.corp.internal',
      port: 8443,
      hostHeader: { kind: 'fixed', value: 'inner.corp.internal' },
      tls: { kind: 'pinned', sha256: `${'ab'.repeat(31)}cd` },
    },
    identityHeaders: ['remote'],
    maxSessionMs: 3_600_000,
    traffic: PLAIN_TRAFFIC,
  });
  assert.equal(snapshot.rulesByApp.get(appId)?.everyone, true);
  assert.deepEqual(snapshot.sitesById.get(siteId)?.dnsServers, [{ address: '10.0.0.53', port: 53 }]);
  const { value } = await store.db.selectFrom('revision').select('value').executeTakeFirstOrThrow();
  assert.equal(snapshot.revision, value);
});

test('A6, B5: a row that makes no sense disables its own app, is reported, and saving it again repairs it', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const good = await someApp(store, siteId, { name: 'Good', hosts: ['good.corp.example'] });
  const bad = await someApp(store, siteId, { name: 'Bad', hosts: ['bad.corp.example'] });
  const damages: Partial<Tables['apps']>[] = [
    { tls: '{' },
    { tls: '{"kind":"anything"}' },
    { host_header: '' },
    { upstream_scheme: 'ssh' },
    { upstream_host: 'a b' },
    { upstream_port: 0 },
    { identity_headers: '{}' },
    { max_session_ms: -1 },
    { max_session_ms: 2 ** 60 },
    { upstream_port: 2 ** 62 },
    { upstream_protocol: 'h3' },
    { replicas: '[{}]' },
    { client_certificate: '{' },
    { client_certificate: 'null' },
    { client_certificate: '{"cert":"","keySealed":""}' },
    { routes: 'null' },
    { routes: '[1]' },
    { routes: '[{"prefix":"/x","upstream":{}}]' },
    { concurrency: '{"app":0,"person":null}' },
    { traffic: '' },
    { traffic: '{"other":[]}' },
    { name: '' },
  ];
  for (const damage of damages) {
    await store.db.updateTable('apps').set(damage).where('id', '=', bad).execute();
    const { snapshot, problems } = await loadSnapshot(store);
    assert.deepEqual([...snapshot.appsById.keys()], [good], JSON.stringify(damage));
    assert.equal(snapshot.appsByHost.has('bad.corp.example' as Hostname), false);
    assert.deepEqual(
      problems.map(({ appId }) => appId),
      [bad],
    );
    const listed = await listApps(store, SYSTEM);
    assert.equal(listed.kind === 'listed' && listed.rows.filter(({ kind }) => kind === 'broken').length, 1);
    saved(await saveApp(store, SYSTEM, bad, appInputFor(siteId, { name: 'Bad', hosts: ['bad.corp.example'] })));
    assert.equal((await loadSnapshot(store)).snapshot.appsById.size, 2);
  }
});

test('B5: a damaged site takes its own apps with it, and an app without hosts is no app', async (t) => {
  const { store } = await temporaryStore(t);
  const [office, lab] = [await someSite(store), await someSite(store, { name: 'Lab' })];
  const good = await someApp(store, office);
  const lost = await someApp(store, lab, { hosts: ['lab.corp.example'] });
  const bare = await someApp(store, office, { hosts: ['bare.corp.example'] });
  await store.db.updateTable('sites').set({ ranges: '["10.0.0.1/8"]' }).where('id', '=', lab).execute();
  await store.db.deleteFrom('app_hosts').where('app_id', '=', bare).execute();
  const { snapshot, problems } = await loadSnapshot(store);
  assert.deepEqual([...snapshot.appsById.keys()], [good]);
  assert.deepEqual(problems.map(({ appId }) => appId).sort(), [lost, bare].sort());
  assert.match(problems.find(({ appId }) => appId === lost)?.problem ?? '', /^Its site: ranges\.0: /);
});
