// Who could sign in right now: enabled, with a password here or a link to an enabled provider.
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { Tables } from './tables.ts';
import { LOCAL_ISSUER } from './words.ts';

/** For a query over `users` that is left-joined with `providers` by issuer. */
export function mayEnter(eb: ExpressionBuilder<Tables, 'users' | 'providers'>): Expression<SqlBool> {
  return eb.and([
    eb('users.disabled', '=', 0),
    eb.or([
      eb.and([eb('users.issuer', '=', LOCAL_ISSUER), eb('users.password_hash', 'is not', null)]),
      eb.and([eb('users.subject', 'is not', null), eb('providers.enabled', '=', 1)]),
    ]),
  ]);
}
