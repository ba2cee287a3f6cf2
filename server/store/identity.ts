// Who somebody else is now, with their groups, for those who may read people.
import type { Identity } from '#server/core/identity.ts';
import type { Store } from './handle.ts';
import { isId } from './id.ts';
import { loadIdentities } from './people.ts';
import { rightTo } from './right.ts';
import { type Actor, FORBIDDEN, type Found, NOT_FOUND } from './saved.ts';

export async function identityOf(store: Store, actor: Actor, userId: string): Promise<Found<{ identity: Identity }>> {
  const right = await rightTo(store.db, actor, 'people.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  const identity = isId(userId) ? (await loadIdentities(store.db, [userId])).get(userId) : undefined;
  return identity ? { kind: 'found', identity } : NOT_FOUND;
}
