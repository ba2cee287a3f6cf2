// API tokens: made by a person for a program, shown once, known here by their hash alone.
import { randomBytes } from 'node:crypto';
import { TOKEN_HINT_LENGTH, TOKEN_SECRET_BYTES, writeToken } from '#server/core/api-token.ts';
import { type Scope, scopesOf } from '#server/core/scope.ts';
import { pageOf } from './fold.ts';
import type { Store } from './handle.ts';
import { isId, newId } from './id.ts';
import { machinesOn } from './let-in.ts';
import { type LiveToken, liveToken, scopesIn } from './live-token.ts';
import { tokenHash } from './one-time.ts';
import { currentRole, rightTo } from './right.ts';
import {
  type Actor,
  conflict,
  FORBIDDEN,
  type Forbidden,
  invalid,
  type Listed,
  type ListQuery,
  NOT_FOUND,
  type PersonActor,
  type Saved,
  type TokenActor,
} from './saved.ts';
import { tokenInput } from './schema/api-token.ts';
import { parseInput } from './schema/parse-input.ts';
import { type Writing, write } from './write.ts';

/** A token as lists show it: never the token itself. */
export type TokenLine = {
  id: string;
  name: string;
  /** Its last characters. */
  hint: string;
  owner: { userId: string; email: string; name: string };
  scopes: readonly Scope[];
  createdAt: number;
  expiresAt: number;
  isExpired: boolean;
  /** At most a minute old. */
  lastUsedAt: number | null;
  lastUsedAddress: string | null;
};

const DAY_MS = 24 * 60 * 60_000;
const MOST_PER_PERSON = 50;
/** How long a list still says that a token has expired. */
const EXPIRED_SHOWN_MS = 30 * DAY_MS;
const TOUCH_EVERY_MS = 60_000;
const TOO_MANY = conflict(
  `You have ${MOST_PER_PERSON} tokens, which is the most. Revoke one that is not needed first.`,
);

const SHARED: Forbidden = {
  kind: 'forbidden',
  sentence: 'You said that others use this computer, so no token is made here. Sign in on a device of your own.',
};

/**
 * `input`: schema/api-token.ts. The token is in this answer and nowhere else. Only a person at a browser makes one: a token
 * that could make others would outlive its own expiry. None is made at a shared computer, whose sessions are short for a reason.
 */
export async function createToken(store: Store, actor: PersonActor, input: unknown): Promise<Saved<MadeToken>> {
  return write(store, actor, 'tokens.write', async (w) => {
    const parsed = parseInput(tokenInput, input);
    return parsed.kind === 'invalid' ? parsed : makeToken(w, actor, parsed.value);
  });
}

export type MadeToken = { id: string; token: string; expiresAt: number };

/** For a write whose right includes making this token. */
export async function makeToken(
  w: Writing,
  actor: PersonActor,
  { name, scopes, days }: { name: string; scopes: readonly Scope[]; days: number },
): Promise<Saved<MadeToken>> {
  const role = await currentRole(w.trx, actor, w.now);
  if (!role) return FORBIDDEN;
  const session = w.trx.selectFrom('sessions').select('kind').where('id', '=', actor.sessionId);
  if ((await session.executeTakeFirst())?.kind === 'shared') return SHARED;
  const beyond = scopes.find((scope) => !scopesOf(role).includes(scope));
  if (beyond) return invalid({ scopes: `Your own role does not include ${beyond}. Leave it out.` });
  await w.trx
    .deleteFrom('api_tokens')
    .where('user_id', '=', actor.userId)
    .where('expires_at', '<', w.now - EXPIRED_SHOWN_MS)
    .execute();
  const { count } = await w.trx
    .selectFrom('api_tokens')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('user_id', '=', actor.userId)
    .executeTakeFirstOrThrow();
  if (count >= MOST_PER_PERSON) return TOO_MANY;
  const token = writeToken(randomBytes(TOKEN_SECRET_BYTES));
  const id = newId(w.now);
  const expiresAt = w.now + days * DAY_MS;
  await w.trx
    .insertInto('api_tokens')
    .values({
      id,
      user_id: actor.userId,
      name,
      scopes: JSON.stringify(scopes),
      token_hash: tokenHash(token),
      hint: token.slice(-TOKEN_HINT_LENGTH),
      created_at: w.now,
      expires_at: expiresAt,
      ended_at: null,
      last_used_at: null,
      last_used_address: null,
    })
    .execute();
  w.audit({ action: 'token-made', object: { kind: 'token', id, name }, detail: { scopes, days } });
  return { kind: 'saved', id, token, expiresAt };
}

/** One's own, or everybody's with the right to; the newest first. */
export async function listTokens(store: Store, actor: Actor, query: ListQuery = {}): Promise<Listed<TokenLine>> {
  const now = store.now();
  const right = await rightTo(store.db, actor, 'tokens.read', now);
  if (right.kind === 'none') return FORBIDDEN;
  let tokens = store.db.selectFrom('api_tokens').innerJoin('users', 'users.id', 'api_tokens.user_id');
  if (right.kind === 'own') tokens = tokens.where('api_tokens.user_id', '=', right.userId);
  const { offset, limit } = pageOf(query);
  const { total } = await tokens.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await tokens
    .selectAll('api_tokens')
    .select(['users.email as ownerEmail', 'users.name as ownerName'])
    .orderBy('api_tokens.id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
  return {
    kind: 'listed',
    total,
    rows: rows.map((row) => ({
      id: row.id,
      name: row.name,
      hint: row.hint,
      owner: { userId: row.user_id, email: row.ownerEmail, name: row.ownerName },
      scopes: scopesIn(row.scopes),
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      isExpired: row.ended_at !== null || row.expires_at <= now,
      lastUsedAt: row.last_used_at,
      lastUsedAddress: row.last_used_address,
    })),
  };
}

/** From its next request on, the token is worth nothing. Somebody else's does not exist for who may only revoke their own. */
export async function revokeToken(store: Store, actor: Actor, id: string): Promise<Saved> {
  return write(store, actor, 'tokens.write', async (w) => {
    const row = isId(id)
      ? await w.trx
          .selectFrom('api_tokens')
          .innerJoin('users', 'users.id', 'api_tokens.user_id')
          .select(['api_tokens.user_id', 'api_tokens.name', 'users.email'])
          .where('api_tokens.id', '=', id)
          .executeTakeFirst()
      : undefined;
    if (!row || (w.right.kind === 'own' && row.user_id !== w.right.userId)) return NOT_FOUND;
    const machines = await endToken(w, id);
    const detail = { owner: row.email, ...(machines.length > 0 ? { machines } : {}) };
    w.audit({ action: 'token-revoked', object: { kind: 'token', id, name: row.name }, detail });
    return { kind: 'saved', id };
  });
}

/** With it end the tokens of the machines that it let in, whose names are returned: they are answered no more. */
export async function endToken({ trx, raise }: Pick<Writing, 'trx' | 'raise'>, id: string): Promise<readonly string[]> {
  const machines = await machinesOn(trx, id);
  await trx.deleteFrom('api_tokens').where('id', '=', id).execute();
  if (machines.length > 0) raise('machines');
  return machines;
}

/**
 * The id of a token that is shown now, or null. Its use is noted at most once a minute. One that has expired is over for good:
 * a clock that is set back later does not revive it.
 */
export async function acceptToken(store: Store, token: string, address: string | null): Promise<string | null> {
  const now = store.now();
  const hash = tokenHash(token);
  const live = await liveToken(store.db, { hash }, now);
  if (!live) {
    await endExpired(store, hash, now);
    return null;
  }
  const { id, lastUsedAt } = live;
  if (lastUsedAt === null || now - lastUsedAt > TOUCH_EVERY_MS) {
    const used = { last_used_at: now, last_used_address: address };
    await store.db.updateTable('api_tokens').set(used).where('id', '=', id).execute();
  }
  return id;
}

/** Writes only where there is such a token, and once: whoever makes tokens up costs the store no write. */
async function endExpired({ db }: Store, hash: string, now: number): Promise<void> {
  const expired = await db
    .selectFrom('api_tokens')
    .select('id')
    .where('token_hash', '=', hash)
    .where('ended_at', 'is', null)
    .where('expires_at', '<=', now)
    .executeTakeFirst();
  if (expired) await db.updateTable('api_tokens').set({ ended_at: now }).where('id', '=', expired.id).execute();
}

/** Who acts with this token, read from the store; null when it is over meanwhile. */
export async function tokenActor(
  store: Store,
  id: string,
  { address, supportId }: { address: string | null; supportId: string | null },
): Promise<{ actor: TokenActor; token: LiveToken } | null> {
  const token = isId(id) ? await liveToken(store.db, { id }, store.now()) : null;
  if (!token) return null;
  const { userId, email, role, scopes, name } = token;
  const actor: TokenActor = { kind: 'token', userId, email, role, scopes, token: { id, name }, address };
  return { actor: supportId ? { ...actor, supportId } : actor, token };
}
