// Slows down guessing: attempts are counted before they are judged, per account and per address, in the store.
import { createHash } from 'node:crypto';
import { type Expression, type Kysely, type SqlBool, sql, type Transaction } from 'kysely';
import { addressBytes, addressOf, familyOf, isMapped, parseAddress } from '#server/core/address.ts';
import type { Store } from './handle.ts';
import type { Tables } from './tables.ts';

/** `free` attempts cost nothing; then the wait doubles from one second up to `longestMs`. */
type Limit = { key: string; free: number; longestMs: number };

/** `isFirst`: nobody has been refused in this wait before. */
export type Attempt =
  | { kind: 'counted'; succeeded(): Promise<void> }
  | { kind: 'throttled'; retryAfterMs: number; isFirst: boolean };

const SECOND_MS = 1000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;
/** What is left of the table however many accounts and addresses are tried. */
const MAX_ROWS = 10_000;

/** How long an address is remembered as one that a person signed in from. */
const PAIR_MS = 30 * DAY_MS;

/**
 * Counts an attempt as a failure until it has succeeded, so that a thousand at once are a thousand and not one.
 * An account's wait stays short: it also locks out its owner. An address waits longer. Where the owner has signed in before,
 * the pair of account and address has a budget of its own, so that strangers elsewhere keep nobody out for good.
 */
export async function countAttempt(
  store: Store,
  attempt: { emailFolded: string; address: string | null },
): Promise<Attempt> {
  const now = store.now();
  const person = { key: accountKey(attempt.emailFolded), free: 5, longestMs: 60 * SECOND_MS };
  const pair = { ...person, key: pairKey(attempt) };
  const address = { key: addressKey(attempt.address), free: 20, longestMs: 15 * 60 * SECOND_MS };
  return store.db.transaction().execute(async (trx): Promise<Attempt> => {
    const keys = [person.key, pair.key, address.key];
    const found = await trx.selectFrom('throttle').selectAll().where('key', 'in', keys).execute();
    const isKnown = found.some(({ key, last_at }) => key === pair.key && now - last_at < PAIR_MS);
    const whose = isKnown ? pair : person;
    const limits = [whose, address];
    const rows = found.filter(({ key }) => limits.some((limit) => limit.key === key));
    const longest = rows.reduce((one, other) => (other.blocked_until > one.blocked_until ? other : one), NO_WAIT);
    if (longest.blocked_until > now) {
      const isFirst = await tell(trx, longest);
      return { kind: 'throttled', retryAfterMs: longest.blocked_until - now, isFirst };
    }
    for (const limit of limits) {
      await count(trx, limit, rows.find((row) => row.key === limit.key) ?? null, now);
    }
    await prune(trx, now);
    const counted = { countedKey: whose.key, pairKey: pair.key, addressKey: address.key };
    return { kind: 'counted', succeeded: () => forgive(store, counted) };
  });
}

/**
 * Counts a request whose API token is none. Its wait is of its own: it keeps nobody at the same address from signing in, and no
 * program with a valid token from working. While it lasts, a request costs the store one read, and the first of them one write.
 */
export async function countBadToken(store: Store, address: string | null): Promise<BadToken> {
  const now = store.now();
  const limit = { key: `token ${addressKey(address)}`, free: 20, longestMs: 15 * 60 * SECOND_MS };
  const waiting = await waitOf(store.db, limit.key, now);
  if (waiting) return waiting;
  return store.db.transaction().execute(async (trx): Promise<BadToken> => {
    // Others may have been counted since.
    const begun = await waitOf(trx, limit.key, now);
    if (begun) return begun;
    const row = await trx.selectFrom('throttle').selectAll().where('key', '=', limit.key).executeTakeFirst();
    await count(trx, limit, row ?? null, now);
    await prune(trx, now);
    return { kind: 'counted' };
  });
}

export type Guess<T> = { kind: 'found'; found: T } | { kind: 'none' } | { kind: 'throttled'; retryAfterMs: number };

/**
 * Looks for what only the right secret finds, and counts it when there is nothing; `whose` names who guesses. One transaction, so
 * that a thousand guesses at once are a thousand.
 */
export async function guess<T>(
  store: Store,
  whose: string,
  look: (trx: Transaction<Tables>, now: number) => Promise<T | undefined>,
): Promise<Guess<T>> {
  const now = store.now();
  const limit = { key: `guess ${whose}`, free: 10, longestMs: 15 * 60 * SECOND_MS };
  return store.db.transaction().execute(async (trx): Promise<Guess<T>> => {
    const row = await trx.selectFrom('throttle').selectAll().where('key', '=', limit.key).executeTakeFirst();
    if (row && row.blocked_until > now) return { kind: 'throttled', retryAfterMs: row.blocked_until - now };
    const found = await look(trx, now);
    if (found !== undefined) return { kind: 'found', found };
    await count(trx, limit, row ?? null, now);
    await prune(trx, now);
    return { kind: 'none' };
  });
}

async function waitOf(db: Kysely<Tables>, key: string, now: number): Promise<Throttled | null> {
  const row = await db.selectFrom('throttle').selectAll().where('key', '=', key).executeTakeFirst();
  if (!row || row.blocked_until <= now) return null;
  return { kind: 'throttled', retryAfterMs: row.blocked_until - now, isFirst: await tell(db, row) };
}

type Throttled = Extract<Attempt, { kind: 'throttled' }>;
type BadToken = { kind: 'counted' } | Throttled;

const NO_WAIT: Tables['throttle'] = { key: '', failures: 0, blocked_until: 0, told_until: 0, last_at: 0 };

/** Reports whether this wait is told of for the first time. */
async function tell(db: Kysely<Tables>, { key, blocked_until, told_until }: Tables['throttle']): Promise<boolean> {
  if (told_until === blocked_until) return false;
  const { numUpdatedRows } = await db
    .updateTable('throttle')
    .set({ told_until: blocked_until })
    .where('key', '=', key)
    // Of several at once, one is the first.
    .where('told_until', '!=', blocked_until)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

async function count(trx: Transaction<Tables>, limit: Limit, row: Tables['throttle'] | null, now: number) {
  const failures = row && now - row.last_at < DAY_MS ? row.failures + 1 : 1;
  const over = failures - limit.free;
  const waitMs = over < 0 ? 0 : Math.min(limit.longestMs, SECOND_MS * 2 ** Math.min(over, 30));
  const values = { failures, blocked_until: now + waitMs, last_at: now };
  await trx
    .insertInto('throttle')
    .values({ key: limit.key, told_until: 0, ...values })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(values))
    .execute();
}

type Keys = { countedKey: string; pairKey: string; addressKey: string };

/**
 * What was counted is clean again, and the address known as its owner's. The address itself only takes this one attempt back, or
 * one good account would free it for guessing; and a sign-in at home frees nobody else's guesses from elsewhere.
 */
async function forgive(store: Store, { countedKey, pairKey, addressKey }: Keys): Promise<void> {
  const clean = { failures: 0, blocked_until: 0, told_until: 0, last_at: store.now() };
  await store.db.transaction().execute(async (trx) => {
    await trx.deleteFrom('throttle').where('key', '=', countedKey).execute();
    if (addressKey !== UNKNOWN_ADDRESS) {
      await trx
        .insertInto('throttle')
        .values({ key: pairKey, ...clean })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(clean))
        .execute();
    }
    await trx
      .updateTable('throttle')
      .set((eb) => ({ failures: eb('failures', '-', 1), blocked_until: 0 }))
      .where('key', '=', addressKey)
      .where('failures', '>', 0)
      .execute();
  });
}

/**
 * Old rows go first; then those with the fewest failures, so that a flood of new names does not free an old one.
 * Pairs are made by people who signed in, so no flood makes them, and none takes them away.
 */
async function prune(trx: Transaction<Tables>, now: number): Promise<void> {
  await trx
    .deleteFrom('throttle')
    .where((eb) =>
      eb.or([eb('last_at', '<', now - PAIR_MS), eb.and([eb('last_at', '<', now - DAY_MS), notPair(eb.ref('key'))])]),
    )
    .execute();
  const { rows } = await trx
    .selectFrom('throttle')
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .where((eb) => notPair(eb.ref('key')))
    .executeTakeFirstOrThrow();
  if (rows <= MAX_ROWS) return;
  const surplus = trx
    .selectFrom('throttle')
    .select('key')
    .where((eb) => notPair(eb.ref('key')))
    .orderBy('failures')
    .orderBy('last_at')
    .limit(rows - MAX_ROWS);
  await trx.deleteFrom('throttle').where('key', 'in', surplus).execute();
}

const PAIR = 'pair ';
const UNKNOWN_ADDRESS = 'address unknown';

function notPair(key: Expression<string>): Expression<SqlBool> {
  return sql<SqlBool>`${key} not like ${`${PAIR}%`}`;
}

function pairKey({ emailFolded, address }: { emailFolded: string; address: string | null }): string {
  return `${PAIR}${accountKey(emailFolded)} ${addressKey(address)}`;
}

/** Hashed, so that what people type into the wrong field is not kept. */
function accountKey(emailFolded: string): string {
  return `account ${createHash('sha256').update(emailFolded).digest('base64url')}`;
}

/** One home has one IPv4 address or a /64 of IPv6 (RFC 6177 §2): either counts as one. */
export function addressKey(text: string | null): string {
  const address = text === null ? null : parseAddress(text);
  if (!address) return UNKNOWN_ADDRESS;
  const bytes = addressBytes(address);
  if (familyOf(address) === 4) return `address ${address}`;
  if (isMapped(bytes)) return `address ${addressOf(bytes.subarray(12))}`;
  return `address ${addressOf(Uint8Array.from(bytes, (byte, at) => (at < 8 ? byte : 0)))}/64`;
}
