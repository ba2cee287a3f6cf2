// Slows down guessing: attempts are counted before they are judged, per account and per address, in the store.
import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
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

/**
 * Counts an attempt as a failure until it has succeeded, so that a thousand at once are a thousand and not one.
 * An account's wait stays short: it also locks out its owner. An address waits longer.
 */
export async function countAttempt(
  store: Store,
  attempt: { emailFolded: string; address: string | null },
): Promise<Attempt> {
  const now = store.now();
  const account = { key: accountKey(attempt.emailFolded), free: 5, longestMs: 60 * SECOND_MS };
  const address = { key: addressKey(attempt.address), free: 20, longestMs: 15 * 60 * SECOND_MS };
  const keys = [account.key, address.key];
  const wait = await store.db.transaction().execute(async (trx) => {
    const rows = await trx.selectFrom('throttle').selectAll().where('key', 'in', keys).execute();
    const longest = rows.reduce((one, other) => (other.blocked_until > one.blocked_until ? other : one), NO_WAIT);
    if (longest.blocked_until > now) return tell(trx, longest);
    for (const limit of [account, address]) {
      await count(trx, limit, rows.find((row) => row.key === limit.key) ?? null, now);
    }
    await prune(trx, now);
    return null;
  });
  if (wait) return { kind: 'throttled', retryAfterMs: wait.until - now, isFirst: wait.isFirst };
  return { kind: 'counted', succeeded: () => forgive(store, account.key, address.key) };
}

const NO_WAIT: Tables['throttle'] = { key: '', failures: 0, blocked_until: 0, told_until: 0, last_at: 0 };

async function tell(trx: Transaction<Tables>, { key, blocked_until: until, told_until }: Tables['throttle']) {
  const isFirst = told_until !== until;
  if (isFirst) await trx.updateTable('throttle').set({ told_until: until }).where('key', '=', key).execute();
  return { until, isFirst };
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

/** The account is clean again; the address only takes this one attempt back, or one good account would free it for guessing. */
async function forgive(store: Store, accountKey: string, addressKey: string): Promise<void> {
  await store.db.transaction().execute(async (trx) => {
    await trx.deleteFrom('throttle').where('key', '=', accountKey).execute();
    await trx
      .updateTable('throttle')
      .set((eb) => ({ failures: eb('failures', '-', 1), blocked_until: 0 }))
      .where('key', '=', addressKey)
      .where('failures', '>', 0)
      .execute();
  });
}

/** Old rows go first; then those with the fewest failures, so that a flood of new names does not free an old one. */
async function prune(trx: Transaction<Tables>, now: number): Promise<void> {
  await trx
    .deleteFrom('throttle')
    .where('last_at', '<', now - DAY_MS)
    .execute();
  const { rows } = await trx
    .selectFrom('throttle')
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow();
  if (rows <= MAX_ROWS) return;
  const surplus = trx
    .selectFrom('throttle')
    .select('key')
    .orderBy('failures')
    .orderBy('last_at')
    .limit(rows - MAX_ROWS);
  await trx.deleteFrom('throttle').where('key', 'in', surplus).execute();
}

/** Hashed, so that what people type into the wrong field is not kept. */
function accountKey(emailFolded: string): string {
  return `account ${createHash('sha256').update(emailFolded).digest('base64url')}`;
}

/** One home has one IPv4 address or a /64 of IPv6 (RFC 6177 §2): either counts as one. */
function addressKey(text: string | null): string {
  const address = text === null ? null : parseAddress(text);
  if (!address) return 'address unknown';
  const bytes = addressBytes(address);
  if (familyOf(address) === 4) return `address ${address}`;
  if (isMapped(bytes)) return `address ${addressOf(bytes.subarray(12))}`;
  return `address ${addressOf(Uint8Array.from(bytes, (byte, at) => (at < 8 ? byte : 0)))}/64`;
}
