// Uploaded icons: small pictures by the hash of their bytes. What is stored was made by Foyer from what was uploaded.
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Store } from './handle.ts';
import { rightTo } from './right.ts';
import type { Actor, Saved } from './saved.ts';
import { type Writing, write } from './write.ts';

/** An upload that no app took within this time is forgotten. */
const UNUSED_MS = 24 * 60 * 60_000;
/** Of one person and without an app, at a time. */
const MAX_UNUSED = 20;
const MAX_BYTES = 64 * 1024;

/** Keeps a picture, which is a WebP of Foyer's own making. Its id is the lower-case hex SHA-256 of its bytes. */
export async function saveIcon(store: Store, actor: Actor, picture: Uint8Array): Promise<Saved> {
  if (picture.length > MAX_BYTES) throw new Error(`An icon of ${picture.length} bytes: it was not made small first.`);
  const sha256 = createHash('sha256').update(picture).digest('hex');
  return write(store, actor, 'apps.write', async (w) => {
    const by = actor.kind === 'system' ? 'system' : actor.userId;
    await forgetUnused(w, by);
    await w.trx
      .insertInto('icons')
      .values({ sha256, data: Buffer.from(picture).toString('base64'), uploaded_at: w.now, uploaded_by: by })
      // Uploaded again, it is as good as new.
      .onConflict((on) => on.column('sha256').doUpdateSet({ uploaded_at: w.now }))
      .execute();
    w.audit({ action: 'icon-uploaded', object: { kind: 'icon', id: sha256, name: sha256.slice(0, 12) } });
    return { kind: 'saved', id: sha256 };
  });
}

/** Null when there is none. Who may see it is for the caller to know. */
export async function readIcon(store: Store, sha256: string): Promise<Buffer | null> {
  const row = await store.db.selectFrom('icons').select('data').where('sha256', '=', sha256).executeTakeFirst();
  return row ? Buffer.from(row.data, 'base64') : null;
}

/** Reports whether an app that this person may see in the catalogue shows the picture. */
export async function mayEditIcon(store: Store, actor: Actor, sha256: string): Promise<boolean> {
  const right = await rightTo(store.db, actor, 'apps.read', store.now());
  if (right.kind === 'none') return false;
  let apps = store.db
    .selectFrom('apps')
    .select('id')
    .where('icon', '=', JSON.stringify({ kind: 'uploaded', sha256 }));
  if (right.kind === 'own') apps = apps.where('owner_user_id', '=', right.userId);
  return (await apps.limit(1).executeTakeFirst()) !== undefined;
}

/** The old ones of everybody, and the oldest of whoever uploads many. */
async function forgetUnused({ trx, now }: Writing, by: string): Promise<void> {
  const unused = trx
    .selectFrom('icons')
    .select('sha256')
    // As app-row.ts writes it.
    .where(sql<string>`'{"kind":"uploaded","sha256":"' || icons.sha256 || '"}'`, 'not in', (eb) =>
      eb.selectFrom('apps').select('apps.icon'),
    )
    // A deleted app comes back with its picture.
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('undo_apps')
            .select('undo_apps.app_id')
            .where(sql<boolean>`undo_apps.before like '%' || icons.sha256 || '%'`),
        ),
      ),
    );
  const old = unused.where('uploaded_at', '<', now - UNUSED_MS);
  await trx.deleteFrom('icons').where('sha256', 'in', old).execute();
  const own = await unused
    .where('uploaded_by', '=', by)
    .orderBy('uploaded_at', 'desc')
    .offset(MAX_UNUSED)
    .limit(100)
    .execute();
  if (own.length > 0) {
    const names = own.map(({ sha256 }) => sha256);
    await trx.deleteFrom('icons').where('sha256', 'in', names).execute();
  }
}
