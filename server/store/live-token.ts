// An API token as of now: whose it is, what that person may, and what of it the token was given.
import type { Kysely } from 'kysely';
import { ROLES, type Role } from '#server/core/identity.ts';
import { SCOPES, type Scope } from '#server/core/scope.ts';
import { readJson } from './app-row.ts';
import { mayEnter } from './may-enter.ts';
import type { Tables } from './tables.ts';

export type LiveToken = {
  id: string;
  name: string;
  userId: string;
  email: string;
  role: Role;
  scopes: readonly Scope[];
  createdAt: number;
  expiresAt: number;
  lastUsedAt: number | null;
};

/** Null when it is unknown, over, revoked, or its owner could not sign in any more. */
export async function liveToken(
  db: Kysely<Tables>,
  which: { id: string } | { hash: string },
  now: number,
): Promise<LiveToken | null> {
  const row = await db
    .selectFrom('api_tokens')
    .innerJoin('users', 'users.id', 'api_tokens.user_id')
    .leftJoin('providers', 'providers.issuer', 'users.issuer')
    .select(['api_tokens.id', 'api_tokens.name', 'api_tokens.scopes', 'api_tokens.last_used_at'])
    .select(['api_tokens.created_at', 'api_tokens.expires_at'])
    .select(['users.id as userId', 'users.email', 'users.role'])
    .where((eb) => ('id' in which ? eb('api_tokens.id', '=', which.id) : eb('api_tokens.token_hash', '=', which.hash)))
    .where('api_tokens.ended_at', 'is', null)
    .where('api_tokens.expires_at', '>', now)
    .where(mayEnter)
    .executeTakeFirst();
  const role = ROLES.find((each) => each === row?.role);
  if (!row || !role) return null;
  const { id, name, userId, email } = row;
  return {
    ...{ id, name, userId, email, role, scopes: scopesIn(row.scopes) },
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}

/** Words of a row that name no scope give no right. */
export function scopesIn(json: string): readonly Scope[] {
  const words = readJson(json);
  return Array.isArray(words) ? SCOPES.filter((scope) => words.includes(scope)) : [];
}
