// Finds whom an app can be assigned to, for whoever may write one: an app owner cannot list people, but may look for them.
import { contains } from './fold.ts';
import type { Store } from './handle.ts';
import { rightTo } from './right.ts';
import { type Actor, FORBIDDEN, type Listed } from './saved.ts';

export type Assignee =
  | { kind: 'user'; id: string; name: string; email: string }
  | { kind: 'group'; id: string; name: string };

const MOST = 20;
const LEAST_TYPED = 2;

/** The first matches by name or e-mail; nothing for less than two characters. */
export async function findAssignees(store: Store, actor: Actor, search: string): Promise<Listed<Assignee>> {
  const right = await rightTo(store.db, actor, 'apps.write', store.now());
  if (right.kind === 'none') return FORBIDDEN;
  if (search.trim().length < LEAST_TYPED) return { kind: 'listed', rows: [], total: 0 };
  const groups = await store.db
    .selectFrom('groups')
    .select(['id', 'name'])
    .where((eb) => contains(eb.ref('name_folded'), search.trim()))
    .orderBy('name_folded')
    .limit(MOST)
    .execute();
  const users = await store.db
    .selectFrom('users')
    .select(['id', 'name', 'email'])
    .where((eb) =>
      eb.or([contains(eb.ref('name_folded'), search.trim()), contains(eb.ref('email_folded'), search.trim())]),
    )
    .where('disabled', '=', 0)
    .orderBy('name_folded')
    .limit(MOST)
    .execute();
  const rows = [
    ...groups.map((group) => ({ kind: 'group' as const, ...group })),
    ...users.map((user) => ({ kind: 'user' as const, ...user })),
  ];
  return { kind: 'listed', rows, total: rows.length };
}

/** Whoever owns an app, for whoever may read of people. */
export async function listOwners(store: Store, actor: Actor): Promise<readonly { id: string; name: string }[]> {
  const right = await rightTo(store.db, actor, 'people.read', store.now());
  if (right.kind !== 'any') return [];
  return store.db
    .selectFrom('users')
    .select(['id', 'name'])
    .where('id', 'in', (apps) => apps.selectFrom('apps').select('owner_user_id').where('owner_user_id', 'is not', null))
    .orderBy('name_folded')
    .limit(MOST_OWNERS)
    .execute();
}

const MOST_OWNERS = 500;
