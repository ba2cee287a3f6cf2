// OpenID Connect providers; the client secret is sealed at rest and leaves this file only through `providerWithSecret`.
import { randomBytes } from 'node:crypto';
import { deriveKey, NONCE_BYTES, open, type SealKey, seal } from '#server/core/seal.ts';
import { readJson } from './app-row.ts';
import { changedKeys } from './changed.ts';
import { fold } from './fold.ts';
import type { Store } from './handle.ts';
import { isId, newId } from './id.ts';
import { endSessionsWhere, keepingAnAdmin } from './people.ts';
import { rightTo } from './right.ts';
import {
  type Actor,
  FORBIDDEN,
  type Found,
  invalid,
  type Listed,
  NOT_FOUND,
  type Saved,
  type SavedRecord,
} from './saved.ts';
import { parseInput } from './schema/parse-input.ts';
import { type ProviderInput, providerInput } from './schema/provider.ts';
import { CHANGED_MEANWHILE, changedAt, isStale } from './stale.ts';
import type { Tables } from './tables.ts';
import { type Writing, write } from './write.ts';

export type Provider = {
  id: string;
  name: string;
  issuer: string;
  clientId: string;
  /** The claim that lists a person's groups; null takes none. */
  groupsClaim: string | null;
  /** Verified addresses of these domains may enter without being listed. */
  allowedEmailDomains: readonly string[];
  scopes: readonly string[];
  enabled: boolean;
  updatedAt: number;
};

export async function listProviders(store: Store, actor: Actor): Promise<Listed<Provider>> {
  const right = await rightTo(store.db, actor, 'providers.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  const rows = await store.db.selectFrom('providers').selectAll().orderBy('name_folded').orderBy('id').execute();
  return { kind: 'listed', rows: rows.map(providerOf), total: rows.length };
}

export async function getProvider(store: Store, actor: Actor, id: string): Promise<Found<{ provider: Provider }>> {
  const right = await rightTo(store.db, actor, 'providers.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  const row = isId(id) && (await store.db.selectFrom('providers').selectAll().where('id', '=', id).executeTakeFirst());
  return row ? { kind: 'found', provider: providerOf(row) } : NOT_FOUND;
}

/** `input`: schema/provider.ts; an empty client secret keeps the stored one. The last administrator's way in stays open. */
export async function saveProvider(
  store: Store,
  actor: Actor,
  id: string | null,
  input: unknown,
  expectedUpdatedAt?: number,
): Promise<SavedRecord> {
  return write(store, actor, 'providers.write', async (w) => {
    const before = id === null ? null : await providerRow(w, id);
    if (before === undefined) return NOT_FOUND;
    if (isStale(before, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    const parsed = parseInput(providerInput, input);
    if (parsed.kind === 'invalid') return parsed;
    const provider = parsed.value;
    const providerId = before?.id ?? newId(w.now);
    if (!before && !provider.clientSecret) {
      return invalid({ clientSecret: 'The client secret is missing. Copy it from the provider.' });
    }
    if (before && before.issuer !== provider.issuer) {
      return invalid({
        issuer: 'People are known by their issuer, so it stays. Add another provider for another one.',
      });
    }
    const twin = await w.trx
      .selectFrom('providers')
      .select('id')
      .where('issuer', '=', provider.issuer)
      .where('id', '!=', providerId)
      .executeTakeFirst();
    if (twin) return invalid({ issuer: 'Another provider has this issuer. Change that one.' });
    const namesake = await w.trx
      .selectFrom('providers')
      .select('id')
      .where('name_folded', '=', fold(provider.name))
      .where('id', '!=', providerId)
      .executeTakeFirst();
    if (namesake) return invalid({ name: 'Another provider has this name. Choose another one.' });
    const sealed = provider.clientSecret
      ? { client_secret_sealed: sealSecret(store, providerId, provider.clientSecret) }
      : {};
    const updatedAt = changedAt(before, w.now);
    const columns = { ...columnsOf(provider), ...sealed, updated_at: updatedAt };
    const alone = await keepingAnAdmin(w, async () => {
      if (before) await w.trx.updateTable('providers').set(columns).where('id', '=', providerId).execute();
      else {
        const row = { id: providerId, client_secret_sealed: '', created_at: w.now, ...columns };
        await w.trx.insertInto('providers').values(row).execute();
      }
    });
    if (alone) return alone;
    if (before?.enabled === 1 && !provider.enabled) {
      await endSessionsWhere(w, { issuer: provider.issuer }, 'provider-off');
    }
    // Apps are told the names of a person's groups, the provider's name in front.
    if (before && before.name !== provider.name) w.raise('people');
    const object = { kind: 'provider', id: providerId, name: provider.name } as const;
    const { client_secret_sealed: secret, ...shown } = { client_secret_sealed: '', ...columns };
    w.audit({
      action: 'provider-saved',
      object,
      detail: changedKeys(before, secret === '' ? shown : { ...shown, client_secret: 'new' }),
    });
    return { kind: 'saved', id: providerId, updatedAt };
  });
}

/** Its people stay known by issuer and subject, but cannot sign in until the issuer is there again. */
export async function deleteProvider(
  store: Store,
  actor: Actor,
  id: string,
  expectedUpdatedAt?: number,
): Promise<Saved> {
  return write(store, actor, 'providers.write', async (w) => {
    const before = await providerRow(w, id);
    if (!before) return NOT_FOUND;
    if (isStale(before, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    await endSessionsWhere(w, { issuer: before.issuer }, 'provider-deleted');
    const alone = await keepingAnAdmin(w, async () => {
      await w.trx.deleteFrom('providers').where('id', '=', id).execute();
    });
    if (alone) return alone;
    // Its groups go with it, and so do their assignments.
    w.raise('catalogue');
    w.raise('people');
    w.audit({ action: 'provider-deleted', object: { kind: 'provider', id, name: before.name } });
    return { kind: 'saved', id };
  });
}

/** What the sign-in page shows before anybody is known: enabled providers, by name. */
export async function signInProviders(store: Store): Promise<readonly { id: string; name: string }[]> {
  return store.db
    .selectFrom('providers')
    .select(['id', 'name'])
    .where('enabled', '=', 1)
    .orderBy('name_folded')
    .orderBy('id')
    .execute();
}

/** For the sign-in itself; null when unknown or disabled. */
export async function providerWithSecret(
  store: Store,
  id: string,
): Promise<(Provider & { clientSecret: string }) | null> {
  if (!isId(id)) return null;
  const row = await store.db
    .selectFrom('providers')
    .selectAll()
    .where('id', '=', id)
    .where('enabled', '=', 1)
    .executeTakeFirst();
  if (!row) return null;
  const clientSecret = open(secretKey(store, id), row.client_secret_sealed);
  if (!clientSecret) {
    throw new Error(
      `The client secret of the provider “${row.name}” was sealed under another FOYER_SECRET_KEY. Enter it again.`,
    );
  }
  return { ...providerOf(row), clientSecret: clientSecret.toString('utf8') };
}

async function providerRow({ trx }: Writing, id: string): Promise<Tables['providers'] | undefined> {
  return isId(id) ? trx.selectFrom('providers').selectAll().where('id', '=', id).executeTakeFirst() : undefined;
}

function columnsOf(provider: ProviderInput) {
  return {
    name: provider.name,
    name_folded: fold(provider.name),
    issuer: provider.issuer,
    client_id: provider.clientId,
    groups_claim: provider.groupsClaim,
    allowed_email_domains: JSON.stringify(provider.allowedEmailDomains),
    scopes: JSON.stringify(provider.scopes),
    enabled: provider.enabled ? 1 : 0,
  } as const satisfies Partial<Tables['providers']>;
}

function providerOf(row: Tables['providers']): Provider {
  return {
    id: row.id,
    name: row.name,
    issuer: row.issuer,
    clientId: row.client_id,
    groupsClaim: row.groups_claim,
    allowedEmailDomains: textsOf(row.allowed_email_domains),
    scopes: textsOf(row.scopes),
    enabled: row.enabled === 1,
    updatedAt: row.updated_at,
  };
}

/** A damaged list is an empty one: it lets nobody in. */
function textsOf(json: string): string[] {
  const list = readJson(json);
  return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
}

function secretKey({ secret }: Store, providerId: string): SealKey {
  return deriveKey(secret, 'provider/1', providerId);
}

function sealSecret(store: Store, providerId: string, clientSecret: string): string {
  return seal(secretKey(store, providerId), randomBytes(NONCE_BYTES), Buffer.from(clientSecret, 'utf8'));
}
