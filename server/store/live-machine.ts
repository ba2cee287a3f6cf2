// A machine that shows its token: which it is, as of now. It may say that it is there and read names, and nothing else.
import type { Kysely } from 'kysely';
import type { Store } from './handle.ts';
import { isId } from './id.ts';
import { isLetIn, machinesWithOwners } from './let-in.ts';
import { tokenHash } from './one-time.ts';
import type { Tables } from './tables.ts';

export type LiveMachine = { id: string; name: string; ownerUserId: string };

/** In the place of a token row's id, which has no colon. */
const PREFIX = 'machine:';

/** A token that nobody has used for so long is worth nothing any more. */
const FORGOTTEN_MS = 90 * 24 * 60 * 60_000;

/** What the API is told that was shown; null when it is no living machine's token. */
export async function acceptMachine(store: Store, token: string): Promise<string | null> {
  const live = await liveMachine(store.db, { hash: tokenHash(token) }, store.now());
  return live && `${PREFIX}${live.id}`;
}

/** Reports whether what was shown is a machine's token, not a person's. */
export function isMachine(shown: string): boolean {
  return shown.startsWith(PREFIX);
}

/** Who acts with what `acceptMachine` gave, read again from the store; null when it is over meanwhile. */
export async function machineActor(store: Store, shown: string): Promise<LiveMachine | null> {
  const id = isMachine(shown) ? shown.slice(PREFIX.length) : '';
  return isId(id) ? liveMachine(store.db, { id }, store.now()) : null;
}

/** Null when it is unknown, has to be let in again, or its owner could not sign in any more (let-in.ts). */
async function liveMachine(
  db: Kysely<Tables>,
  which: { id: string } | { hash: string },
  now: number,
): Promise<LiveMachine | null> {
  const row = await machinesWithOwners(db)
    .select(['machines.id', 'machines.name', 'machines.owner_user_id'])
    .where((eb) => ('id' in which ? eb('machines.id', '=', which.id) : eb('machines.token_hash', '=', which.hash)))
    .where((eb) => eb(eb.fn.coalesce('machines.last_seen_at', 'machines.updated_at'), '>', now - FORGOTTEN_MS))
    .where(isLetIn(now))
    .executeTakeFirst();
  return row ? { id: row.id, name: row.name, ownerUserId: row.owner_user_id } : null;
}
