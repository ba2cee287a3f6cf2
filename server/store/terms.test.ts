// The promise of the terms of use: whoever has not accepted the newest text is asked, and each acceptance is on record.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listAudit } from './audit.ts';
import { acceptTerms, getTerms, pendingTerms, publishTerms } from './terms.ts';
import { SYSTEM, saved, someone, temporaryStore } from './testing/temporary-store.ts';

test('nobody is asked before there is a text, everybody once for each version, nobody after it is withdrawn', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const ada = { ...(await someone(store, 'member')), address: '192.0.2.7' };
  const asked = async () => (await pendingTerms(store, ada.userId))?.version ?? null;
  assert.equal(await asked(), null);
  assert.deepEqual(await getTerms(store, SYSTEM), { kind: 'found', terms: null });
  assert.equal(saved(await publishTerms(store, SYSTEM, { text: ' Be kind.\r\n' })).version, 1);
  assert.deepEqual(await pendingTerms(store, ada.userId), { version: 1, text: 'Be kind.', publishedAt: clock.now });
  clock.now += 1000;
  saved(await acceptTerms(store, ada, 1));
  const at = clock.now;
  clock.now += 1000;
  saved(await acceptTerms(store, ada, 1));
  assert.equal(await asked(), null);
  const rows = await store.db.selectFrom('terms_acceptances').selectAll().execute();
  assert.deepEqual(rows, [{ user_id: ada.userId, version: 1, at, address: '192.0.2.7' }]);
  const audit = await listAudit(store, SYSTEM, { filters: { action: 'terms-accepted' } });
  assert.ok(audit.kind === 'listed' && audit.rows.length === 1);
  assert.partialDeepStrictEqual(audit.rows[0], {
    ...{ at, address: '192.0.2.7', actor: { userId: ada.userId } },
    object: { kind: 'terms', id: '1', name: 'Version 1' },
  });

  saved(await publishTerms(store, SYSTEM, { text: 'Be kind, always.' }));
  assert.equal(await asked(), 2);
  assert.equal((await acceptTerms(store, ada, 1)).kind, 'conflict');
  assert.equal((await acceptTerms(store, ada, 3)).kind, 'conflict');
  assert.equal(await asked(), 2);
  saved(await publishTerms(store, SYSTEM, { text: '' }));
  assert.equal(await asked(), null);
  assert.equal((await acceptTerms(store, ada, 3)).kind, 'conflict');
});

test('M1: only an administrator publishes, once each text, and not over what they have not seen', async (t) => {
  const { store } = await temporaryStore(t);
  for (const role of ['auditor', 'app-owner', 'member'] as const)
    assert.equal((await publishTerms(store, await someone(store, role), { text: 'x' })).kind, 'forbidden');
  assert.equal((await publishTerms(store, SYSTEM, { text: '' })).kind, 'conflict');
  saved(await publishTerms(store, SYSTEM, { text: 'One' }, 0));
  assert.equal((await publishTerms(store, SYSTEM, { text: 'One' })).kind, 'conflict');
  assert.equal((await publishTerms(store, SYSTEM, { text: 'Two' }, 0)).kind, 'conflict');
  assert.equal((await publishTerms(store, SYSTEM, { text: 'x'.repeat(20_001) })).kind, 'invalid');
  const found = await getTerms(store, SYSTEM);
  assert.equal(found.kind === 'found' && found.terms?.version, 1);
});
