// The keys that sign assertions: ES256 pairs, sealed at rest, the next one published before it is used.
import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JSONWebKeySet, type JWK } from 'jose';
import { deriveKey, NONCE_BYTES, open, type SealKey, seal } from '#server/core/seal.ts';
import type { Store } from './handle.ts';
import type { Tables } from './tables.ts';

export type SigningKeys = { active: { kid: string; privateJwk: JWK }; publicJwks: JSONWebKeySet };

const DAY_MS = 24 * 60 * 60_000;
const ACTIVE_FOR_MS = 30 * DAY_MS;
/** Apps may keep a key set that long: a new key waits for it, and an old one stays in the set after its last signature. */
const OVERLAP_MS = DAY_MS;

/** Makes or rotates keys when it is time; otherwise one read. At most two keys are live. */
export async function currentSigningKeys(store: Store): Promise<SigningKeys> {
  const now = store.now();
  const rows = await liveRows(store, now);
  const newest = rows[0];
  if (newest && now < newest.active_from + ACTIVE_FOR_MS) return keysOf(store, rows, now);
  const made = await makeKey(store, now);
  await store.db.transaction().execute(async (trx) => {
    // Another process may have been faster.
    const latest = await trx.selectFrom('signing_keys').selectAll().orderBy('active_from', 'desc').executeTakeFirst();
    if (latest && now < latest.active_from + ACTIVE_FOR_MS) return;
    const activeFrom = latest ? now + OVERLAP_MS : now;
    await trx
      .insertInto('signing_keys')
      .values({ ...made, active_from: activeFrom })
      .execute();
    if (latest) await trx.deleteFrom('signing_keys').where('active_from', '<', latest.active_from).execute();
  });
  return keysOf(store, await liveRows(store, now), now);
}

/** Newest first: the newest, and the one before it until its last assertions have been forgotten. */
async function liveRows({ db }: Store, now: number): Promise<Tables['signing_keys'][]> {
  const rows = await db.selectFrom('signing_keys').selectAll().orderBy('active_from', 'desc').limit(2).execute();
  const [newest, previous] = rows;
  if (!newest || !previous) return rows;
  return now < newest.active_from + OVERLAP_MS ? [newest, previous] : [newest];
}

function keysOf(store: Store, rows: readonly Tables['signing_keys'][], now: number): SigningKeys {
  const row = rows.find(({ active_from }) => active_from <= now) ?? rows.at(-1);
  if (!row) throw new Error('There is no signing key, although one was just made.');
  const privateJwk = open(sealKey(store, row.kid), row.private_jwk_sealed);
  if (!privateJwk) throw new Error('The signing keys were sealed under another FOYER_SECRET_KEY. Start with that one.');
  return {
    active: { kid: row.kid, privateJwk: JSON.parse(privateJwk.toString('utf8')) },
    publicJwks: { keys: rows.map(({ public_jwk }) => JSON.parse(public_jwk)) },
  };
}

async function makeKey(store: Store, now: number): Promise<Omit<Tables['signing_keys'], 'active_from'>> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const publicPart = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publicPart);
  const names = { kid, alg: 'ES256', use: 'sig' };
  const privateJwk = Buffer.from(JSON.stringify({ ...(await exportJWK(privateKey)), ...names }), 'utf8');
  return {
    kid,
    private_jwk_sealed: seal(sealKey(store, kid), randomBytes(NONCE_BYTES), privateJwk),
    public_jwk: JSON.stringify({ ...publicPart, ...names }),
    created_at: now,
  };
}

function sealKey({ secret }: Store, kid: string): SealKey {
  return deriveKey(secret, 'signing-key/1', kid);
}
