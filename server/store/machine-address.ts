// Addresses of machines: the lowest that is free, and while there are any, none again that others may still know as somebody else's.
import { type Kysely, sql, type Transaction } from 'kysely';
import { type Address, addressBytes, addressOf, parseRange } from '#server/core/address.ts';
import type { Tables } from './tables.ts';

/** Longer than any resolver, and most people, remember an address. */
const QUARANTINE_MS = 7 * 24 * 60 * 60_000;

/** Gives a machine its address, for good; null when all of the range are taken. */
export async function takeAddress(
  trx: Transaction<Tables>,
  machineId: string,
  range: string,
  now: number,
): Promise<Address | null> {
  // Machines that went with their owner: their quarantine begins when that is seen.
  await trx
    .updateTable('machine_addresses')
    .set({ freed_at: now })
    .where('machine_id', 'is', null)
    .where('freed_at', 'is', null)
    .execute();
  await trx
    .deleteFrom('machine_addresses')
    .where('freed_at', '<=', now - QUARANTINE_MS)
    .execute();
  const number = (await lowestFree(trx, range)) ?? (await longestFreed(trx, range));
  if (number === null) return null;
  await trx.insertInto('machine_addresses').values({ number, machine_id: machineId, freed_at: null }).execute();
  return addressOfNumber(number);
}

export async function freeAddress(trx: Transaction<Tables>, machineId: string, now: number): Promise<void> {
  await trx
    .updateTable('machine_addresses')
    .set({ machine_id: null, freed_at: now })
    .where('machine_id', '=', machineId)
    .execute();
}

export function addressOfNumber(number: number): Address {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number, 0);
  return addressOf(bytes);
}

/** The first address of a network is the network's, and the last its broadcast. */
function boundsOf(range: string): { first: number; last: number } {
  const parsed = parseRange(range);
  if (!parsed) throw new TypeError('The range of machines is none');
  const network = Buffer.from(addressBytes(parsed.address)).readUInt32BE(0);
  return { first: network + 1, last: network + 2 ** (32 - parsed.prefix) - 2 };
}

/** The first gap behind the range's beginning or behind an address that is taken. */
async function lowestFree(db: Kysely<Tables>, range: string): Promise<number | null> {
  const { first, last } = boundsOf(range);
  const taken = await db
    .selectFrom('machine_addresses')
    .select('number')
    .where('number', '=', first)
    .executeTakeFirst();
  if (!taken) return first;
  const gap = await db
    .selectFrom('machine_addresses as at')
    .select(sql<number>`at.number + 1`.as('free'))
    .where('at.number', '>=', first)
    .where('at.number', '<', last)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('machine_addresses as next')
            .select('next.number')
            .where('next.number', '=', sql<number>`at.number + 1`),
        ),
      ),
    )
    .orderBy('at.number')
    .limit(1)
    .executeTakeFirst();
  return gap ? Number(gap.free) : null;
}

/** Where all others are taken: adding and removing machines must not use up the range for everybody. */
async function longestFreed(trx: Transaction<Tables>, range: string): Promise<number | null> {
  const { first, last } = boundsOf(range);
  const row = await trx
    .selectFrom('machine_addresses')
    .select('number')
    .where('freed_at', 'is not', null)
    .where('number', '>=', first)
    .where('number', '<=', last)
    .orderBy('freed_at')
    .orderBy('number')
    .limit(1)
    .executeTakeFirst();
  if (!row) return null;
  await trx.deleteFrom('machine_addresses').where('number', '=', row.number).execute();
  return row.number;
}
