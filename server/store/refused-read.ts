// Who looked where they may not: admin pages that were refused to a signed-in person, in the audit.
import { insertAudit } from './audit.ts';
import type { Store } from './handle.ts';
import type { PersonActor, TokenActor } from './saved.ts';
import { eventOf } from './write.ts';

const EVERY_MS = 60_000;

/** `page` is a word of ours. One event per person and page a minute, so that a reload fills nothing. */
export async function recordRefusedRead(store: Store, actor: PersonActor | TokenActor, page: string): Promise<void> {
  const now = store.now();
  await store.db.transaction().execute(async (trx) => {
    const recent = await trx
      .selectFrom('audit_events')
      .select('id')
      .where('actor_user_id', '=', actor.userId)
      .where('action', '=', 'access-refused')
      .where('object_kind', '=', 'admin')
      .where('object_id', '=', page)
      .where('at', '>', now - EVERY_MS)
      .where('at', '<=', now)
      .limit(1)
      .executeTakeFirst();
    if (recent) return;
    const object = { kind: 'admin', id: page, name: page } as const;
    const refusal = { action: 'access-refused', object, outcome: 'refused', reason: 'not-permitted' } as const;
    await insertAudit(trx, [eventOf(actor, now, refusal)]);
  });
}
