// Tokens for `foyer login`: what anybody makes for the command line of a machine of their own, worth a person's own machines and no more.
import type { Scope } from '#server/core/scope.ts';
import { endToken, type MadeToken, makeToken } from './api-tokens.ts';
import type { Store } from './handle.ts';
import { isId } from './id.ts';
import { scopesIn } from './live-token.ts';
import { NOT_FOUND, type PersonActor, type Saved } from './saved.ts';
import { type Writing, write, writeOwn } from './write.ts';

export const LOGIN_SCOPES: readonly Scope[] = ['machines:read', 'machines:write'];
const DAYS = 90;

/** A token of these scopes alone; times are epoch milliseconds. */
export type LoginToken = {
  id: string;
  name: string;
  hint: string;
  createdAt: number;
  expiresAt: number;
  lastUsedAt: number | null;
  lastUsedAddress: string | null;
};

/** The token is in this answer and nowhere else. */
export async function createLoginToken(store: Store, actor: PersonActor): Promise<Saved<MadeToken>> {
  return write(store, actor, 'machines.write', (w) => makeLoginToken(w, actor, null));
}

/** For a write with the right to one's own machines. `machine`: which one says that it is for it. */
export async function makeLoginToken(
  w: Writing,
  actor: PersonActor,
  machine: string | null,
): Promise<Saved<MadeToken>> {
  const name = machine === null ? 'foyer login' : `foyer login, ${machine}`;
  return makeToken(w, actor, { name, scopes: LOGIN_SCOPES, days: DAYS });
}

/** One's own that are good for something; the newest first. */
export async function listLoginTokens(store: Store, { userId }: PersonActor): Promise<readonly LoginToken[]> {
  const rows = await store.db
    .selectFrom('api_tokens')
    .selectAll()
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', store.now())
    .orderBy('id', 'desc')
    .execute();
  return rows.filter(isLogin).map((row) => ({
    ...{ id: row.id, name: row.name, hint: row.hint, createdAt: row.created_at, expiresAt: row.expires_at },
    ...{ lastUsedAt: row.last_used_at, lastUsedAddress: row.last_used_address },
  }));
}

/** One's own, and none that is for more than this: those are revoked where they were made. */
export async function revokeLoginToken(store: Store, actor: PersonActor, id: string): Promise<Saved> {
  return writeOwn(store, actor, async (w) => {
    const row = isId(id)
      ? await w.trx
          .selectFrom('api_tokens')
          .selectAll()
          .where('id', '=', id)
          .where('user_id', '=', actor.userId)
          .executeTakeFirst()
      : undefined;
    if (!row || !isLogin(row)) return NOT_FOUND;
    const machines = await endToken(w, id);
    const detail = machines.length > 0 ? { machines } : {};
    w.audit({ action: 'token-revoked', object: { kind: 'token', id, name: row.name }, detail });
    return { kind: 'saved', id };
  });
}

function isLogin({ scopes }: { scopes: string }): boolean {
  return scopesIn(scopes).every((scope) => LOGIN_SCOPES.includes(scope));
}
