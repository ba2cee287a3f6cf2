// Which machines are let in: while their own token lives, the one that it hangs on does too, and their owner could sign in.
import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely';
import { mayEnter } from './may-enter.ts';
import type { Tables } from './tables.ts';

/** Machines with what decides about them: the owner, the provider, and the token that let them in. */
export function machinesWithOwners(db: Kysely<Tables>) {
  return db
    .selectFrom('machines')
    .innerJoin('users', 'users.id', 'machines.owner_user_id')
    .leftJoin('providers', 'providers.issuer', 'users.issuer')
    .leftJoin('api_tokens', 'api_tokens.id', 'machines.login_token_id');
}

/** For a query of `machinesWithOwners`. A token that was revoked has no row; a machine without one hangs on its owner alone. */
export function isLetIn(now: number) {
  return (eb: ExpressionBuilder<Tables, 'machines' | 'users' | 'providers' | 'api_tokens'>): Expression<SqlBool> =>
    eb.and([
      eb('machines.token_hash', 'is not', null),
      eb.or([
        eb('machines.login_token_id', 'is', null),
        eb.and([eb('api_tokens.ended_at', 'is', null), eb('api_tokens.expires_at', '>', now)]),
      ]),
      mayEnter(eb as never),
    ]);
}

/** The names of the machines that hang on a token. */
export async function machinesOn(db: Kysely<Tables>, tokenId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('machines')
    .select('name')
    .where('login_token_id', '=', tokenId)
    .orderBy('name_folded')
    .execute();
  return rows.map(({ name }) => name);
}
