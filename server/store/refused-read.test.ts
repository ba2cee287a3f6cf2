// The promise about admin pages: a look where one may not look is on record, and looking often fills nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordRefusedRead } from './refused-read.ts';
import { someone, temporaryStore } from './testing/temporary-store.ts';

test('M6: a refused admin page is audited once a minute for each person and page', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const [ada, grace] = [await someone(store, 'member'), await someone(store, 'app-owner')];
  const look = async (person: typeof ada, page: string) => recordRefusedRead(store, person, page);
  for (let reload = 0; reload < 3; reload++) await look(ada, 'people.read');
  await Promise.all([look(ada, 'audit.read'), look(grace, 'audit.read'), look(grace, 'audit.read')]);
  clock.now += 60_000;
  await look(ada, 'people.read');
  const events = await store.db
    .selectFrom('audit_events')
    .selectAll()
    .where('action', '=', 'access-refused')
    .orderBy('id')
    .execute();
  assert.deepEqual(
    events.map((event) => [event.actor_user_id, event.object_kind, event.object_id, event.outcome, event.address]),
    [
      [ada.userId, 'admin', 'people.read', 'refused', ada.address],
      [ada.userId, 'admin', 'audit.read', 'refused', ada.address],
      [grace.userId, 'admin', 'audit.read', 'refused', grace.address],
      [ada.userId, 'admin', 'people.read', 'refused', ada.address],
    ],
  );
});
