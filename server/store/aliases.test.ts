// The alias zone as a setting, and new aliases: who may, and what the rest of the store says to it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deleteApp, saveApp } from './apps.ts';
import { renewAlias } from './renew-alias.ts';
import { saveSetting } from './settings.ts';
import { loadSnapshot } from './snapshot.ts';
import { appInputFor, SYSTEM, saved, someApp, someone, someSite, temporaryStore } from './testing/temporary-store.ts';

const ALIASES = { zone: 'alias.example', addresses: ['203.0.113.20'], nameServers: ['ns1.example'] };

test('without a zone there are no aliases; with one every app has its own', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const one = await someApp(store, siteId);
  const two = await someApp(store, siteId, { hosts: ['jira.corp.example'], enabled: false });
  assert.equal((await loadSnapshot(store)).snapshot.aliases, null);
  saved(await saveSetting(store, SYSTEM, 'aliases', ALIASES));
  const { byApp } = (await loadSnapshot(store)).snapshot.aliases ?? {};
  assert.match(byApp?.get(one) ?? '', /^[a-z2-7]{32}\.alias\.example$/);
  assert.notEqual(byApp?.get(one), byApp?.get(two));
  saved(await saveSetting(store, SYSTEM, 'aliases', { ...ALIASES, zone: null }));
  assert.equal((await loadSnapshot(store)).snapshot.aliases, null);
});

test('a zone that cannot work is refused beside its field', async (t) => {
  const { store } = await temporaryStore(t);
  await someApp(store, await someSite(store));
  const cases: [Record<string, unknown>, string, RegExp][] = [
    [{ zone: 'not a zone' }, 'zone', /no host name/],
    [{ zone: `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}` }, 'zone', /too long/],
    [{ addresses: [] }, 'addresses', /Add the public address/],
    [{ addresses: ['gw.example'] }, 'addresses.0', /no IP address/],
    [{ nameServers: [] }, 'nameServers', /Add the name that it is delegated to/],
    [{ nameServers: ['ns1.alias.example'] }, 'nameServers.0', /outside of it/],
  ];
  for (const [change, field, sentence] of cases) {
    const outcome = await saveSetting(store, SYSTEM, 'aliases', { ...ALIASES, ...change });
    assert.ok(outcome.kind === 'invalid', JSON.stringify(change));
    assert.match(outcome.errors[field] ?? '', sentence, JSON.stringify(outcome.errors));
  }
});

test('F7: nobody’s public name lies in the zone of aliases, whichever came first', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const appId = await someApp(store, siteId);
  for (const [zone, sentence] of [
    ['corp.example', /wiki\.corp\.example is in this zone/],
    ['wiki.corp.example', /wiki\.corp\.example is in this zone/],
    ['portal.example', /portal’s own name/],
  ] as const) {
    const outcome = await saveSetting(store, SYSTEM, 'aliases', { ...ALIASES, zone });
    assert.ok(outcome.kind === 'invalid');
    assert.match(outcome.errors.zone ?? '', sentence);
  }
  saved(await saveSetting(store, SYSTEM, 'aliases', { ...ALIASES, zone: 'iki.corp.example' }));
  saved(await saveSetting(store, SYSTEM, 'aliases', ALIASES));
  const hosts = ['wiki.corp.example', 'x.alias.example'];
  const outcome = await saveApp(store, SYSTEM, appId, appInputFor(siteId, { hosts }));
  assert.ok(outcome.kind === 'invalid');
  assert.match(outcome.errors['hosts.1'] ?? '', /zone of aliases/);
});

test('M1: whoever places apps gives new aliases, of apps that are there, and the audit does not say them', async (t) => {
  const { store } = await temporaryStore(t);
  saved(await saveSetting(store, SYSTEM, 'aliases', ALIASES));
  const owner = await someone(store, 'app-owner');
  const appId = await someApp(store, await someSite(store), { ownerUserId: owner.userId });
  const aliasNow = async () => (await loadSnapshot(store)).snapshot.aliases?.byApp.get(appId) ?? '';
  const before = await aliasNow();
  for (const role of ['member', 'auditor', 'app-owner'] as const)
    assert.equal((await renewAlias(store, await someone(store, role), appId)).kind, 'forbidden', role);
  assert.equal((await renewAlias(store, owner, appId)).kind, 'forbidden');
  assert.equal(await aliasNow(), before);
  const admin = await someone(store, 'admin');
  saved(await renewAlias(store, admin, appId));
  const after = await aliasNow();
  assert.notEqual(after, before);
  const events = await store.db.selectFrom('audit_events').selectAll().execute();
  assert.ok(events.some(({ action }) => action === 'app-alias-renewed'));
  assert.ok(!JSON.stringify(events).includes(after.split('.')[0] ?? ''));
  saved(await deleteApp(store, admin, appId));
  assert.equal((await renewAlias(store, admin, appId)).kind, 'not-found');
});
