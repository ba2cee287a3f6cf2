// A person as administrators see them.
import { ROLES, type Role } from '#server/core/identity.ts';
import type { Store } from './handle.ts';
import type { Tables } from './tables.ts';
import { LOCAL_ISSUER } from './words.ts';

/** How a person signs in. An invited one is not linked yet: the provider's first verified sign-in with that e-mail does it. */
export type SignInMethod =
  | { kind: 'password'; hasPassword: boolean }
  | { kind: 'provider'; issuer: string; providerId: string | null; linked: boolean };

export type UserRecord = {
  id: string;
  email: string;
  name: string;
  role: Role;
  disabled: boolean;
  signIn: SignInMethod;
  groups: readonly { id: string; name: string }[];
  createdAt: number;
  updatedAt: number;
  lastSignInAt: number | null;
};

/** Three queries, however many people. */
export async function userRecords({ db }: Store, rows: readonly Tables['users'][]): Promise<UserRecord[]> {
  if (rows.length === 0) return [];
  const memberships = await db
    .selectFrom('group_members')
    .innerJoin('groups', 'groups.id', 'group_members.group_id')
    .select(['group_members.user_id', 'groups.id', 'groups.name'])
    .where(
      'user_id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('groups.name_folded')
    .execute();
  const groupsOf = Map.groupBy(memberships, ({ user_id }) => user_id);
  const providers = new Map(
    (await db.selectFrom('providers').select(['id', 'issuer']).execute()).map(({ id, issuer }) => [issuer, id]),
  );
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    name: row.name,
    // A role that nobody knows gives no right; it is shown as the one that has none.
    role: ROLES.find((role) => role === row.role) ?? 'member',
    disabled: row.disabled === 1,
    signIn:
      row.issuer === LOCAL_ISSUER
        ? { kind: 'password', hasPassword: row.password_hash !== null }
        : {
            kind: 'provider',
            issuer: row.issuer,
            providerId: providers.get(row.issuer) ?? null,
            linked: row.subject !== null,
          },
    groups: (groupsOf.get(row.id) ?? []).map(({ id, name }) => ({ id, name })),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastSignInAt: row.last_sign_in_at,
  }));
}
