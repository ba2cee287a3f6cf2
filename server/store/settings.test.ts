// Settings: what administrators may change, and that no row of them holds back the rest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN_BRAND } from '#server/core/brand.ts';
import { getSetting, readSetting, saveSetting } from './settings.ts';
import { loadSnapshot } from './snapshot.ts';
import { SYSTEM, saved, someone, temporaryStore } from './testing/temporary-store.ts';

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
