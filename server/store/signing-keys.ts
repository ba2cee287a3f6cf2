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

type Row = Tables['signing_keys'];
type Readable = { row: Row; privateJwk: JWK };

/**
 * Makes or rotates keys when it is time; otherwise one read. At most two keys are live. A row that makes no sense is told
 * and left alone: another key signs, and what its own key signed can be verified as long as its public part is whole (B5).
 */
export async function currentSigningKeys(store: Store): Promise<SigningKeys> {
  const now = store.now();
  const rows = await allRows(store.db);
  if (!isDue(readable(store, rows)[0], now)) return keysOf(store, rows, now);
  const made = await makeKey(store, now);
  await store.db.transaction().execute(async (trx) => {
    const present = await allRows(trx);
    const latest = readable(store, present)[0];
    // Another process may have been faster.
    if (!isDue(latest, now)) return;
    await trx
      .insertInto('signing_keys')
      .values({ ...made, active_from: latest ? now + OVERLAP_MS : now })
      .execute();
    if (!latest) return;
    const { active_from, kid } = latest.row;
    const over = present.filter((row) => row.kid !== kid && !(row.active_from > active_from));
    if (over.length > 0)
      await trx
        .deleteFrom('signing_keys')
        .where(
          'kid',
          'in',
          over.map((row) => row.kid),
        )
        .execute();
  });
  return keysOf(store, await allRows(store.db), now);
}

/**
 * Returns a sentence when the store's keys look whole and none opens: then everything else was sealed under that other secret
 * too. For the start, where somebody reads it; a gateway that runs makes itself a key.
 */
export async function foreignSecret(store: Store): Promise<string | null> {
  const rows = await allRows(store.db);
  if (readable(store, rows).length > 0) return null;
  const whole = await Promise.all(rows.map(async (row) => isSealed(row) && (await publicPart(row)) !== null));
  if (!whole.includes(true)) return null;
  return 'The store was sealed under another FOYER_SECRET_KEY: start with that one. If it is the same, the signing key is damaged: delete it with `sqlite3 foyer.db "DELETE FROM signing_keys"` in the data directory, and another one is made.';
}

/** Newest first. */
function allRows(db: Pick<Store['db'], 'selectFrom'>): Promise<Row[]> {
  return db.selectFrom('signing_keys').selectAll().orderBy('active_from', 'desc').execute();
}

function readable(store: Store, rows: readonly Row[]): Readable[] {
  return rows.flatMap((row) => {
    const opened = Number.isSafeInteger(row.active_from) ? open(sealKey(store, row.kid), row.private_jwk_sealed) : null;
    return opened ? [{ row, privateJwk: JSON.parse(opened.toString('utf8')) }] : [];
  });
}

function isDue(newest: Readable | undefined, now: number): boolean {
  return newest === undefined || now >= newest.row.active_from + ACTIVE_FOR_MS;
}

/** The newest key, and the one before it until its last assertions have been forgotten. */
async function keysOf(store: Store, rows: readonly Row[], now: number): Promise<SigningKeys> {
  const keys = readable(store, rows);
  const [newest, previous] = keys;
  if (!newest) throw new Error('There is no signing key, although one was just made.');
  const live = previous && now < newest.row.active_from + OVERLAP_MS ? [newest, previous] : [newest];
  const { row, privateJwk } = live.find((key) => key.row.active_from <= now) ?? live[live.length - 1] ?? newest;
  const damaged = rows.filter((each) => !keys.some((key) => key.row === each));
  for (const { kid } of damaged) tellOnce(store, kid);
  const others = await Promise.all(damaged.map(publicPart));
  return {
    active: { kid: row.kid, privateJwk },
    publicJwks: {
      keys: [...live.map((key) => publicOf(key.privateJwk)), ...others.filter((jwk) => jwk !== null)],
    },
  };
}

function publicOf({ d: _secret, ...publicJwk }: JWK): JWK {
  return publicJwk;
}

/** Null where it is not the key that the row is named after (RFC 7638). */
async function publicPart({ kid, public_jwk }: Row): Promise<JWK | null> {
  try {
    const { kty, crv, x, y }: JWK = JSON.parse(public_jwk);
    const jwk = { kty, crv, x, y };
    return (await calculateJwkThumbprint(jwk)) === kid ? { ...jwk, ...namesOf(kid) } : null;
  } catch {
    return null;
  }
}

function isSealed({ private_jwk_sealed }: Row): boolean {
  return /^[A-Za-z0-9_-]{200,}$/.test(private_jwk_sealed);
}

const told = new WeakMap<Store, Set<string>>();

function tellOnce(store: Store, kid: string): void {
  const known = told.get(store) ?? new Set();
  told.set(store, known);
  if (known.has(kid)) return;
  known.add(kid);
  store.onProblem(
    new Error(`The signing key ${JSON.stringify(kid)} in the store is damaged: another one signs in its place.`),
  );
}

async function makeKey(store: Store, now: number): Promise<Omit<Tables['signing_keys'], 'active_from'>> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  const privateJwk = Buffer.from(JSON.stringify({ ...(await exportJWK(privateKey)), ...namesOf(kid) }), 'utf8');
  return {
    kid,
    private_jwk_sealed: seal(sealKey(store, kid), randomBytes(NONCE_BYTES), privateJwk),
    public_jwk: JSON.stringify({ ...publicJwk, ...namesOf(kid) }),
    created_at: now,
  };
}

function namesOf(kid: string): { kid: string; alg: string; use: string } {
  return { kid, alg: 'ES256', use: 'sig' };
}

function sealKey({ secret }: Store, kid: string): SealKey {
  return deriveKey(secret, 'signing-key/1', kid);
}
