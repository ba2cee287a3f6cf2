// Machines as they are shown: by name, one's own or everybody's.
import type { Kysely } from 'kysely';
import { type MachineState, machineState } from '#server/core/machine.ts';
import { contains, pageOf } from './fold.ts';
import type { Store } from './handle.ts';
import { isId } from './id.ts';
import { isLetIn, machinesWithOwners } from './let-in.ts';
import { addressOfNumber } from './machine-address.ts';
import { type Right, rightTo } from './right.ts';
import { type Actor, FORBIDDEN, type Found, type Listed, type ListQuery, NOT_FOUND } from './saved.ts';
import { readSetting } from './settings.ts';
import type { Tables } from './tables.ts';

/** A machine as lists show it. Times are epoch milliseconds; `lastSeenAt` null means never. */
export type MachineLine = {
  id: string;
  name: string;
  address: string;
  owner: { userId: string; email: string; name: string };
  state: MachineState;
  lastSeenAt: number | null;
  version: string;
  os: string;
  createdAt: number;
  updatedAt: number;
};

/** By name: everybody's with the right to, unless `ofOwner` is one person, or else one's own. */
export async function listMachines(
  store: Store,
  actor: Actor,
  query: ListQuery & { ofOwner?: string } = {},
): Promise<Listed<MachineLine>> {
  const right = await rightTo(store.db, actor, 'machines.read', store.now());
  if (right.kind === 'none') return FORBIDDEN;
  let machines = machineRows(store.db);
  const owner = right.kind === 'own' ? right.userId : query.ofOwner;
  if (owner !== undefined) machines = machines.where('machines.owner_user_id', '=', owner);
  const search = query.search?.trim();
  if (search) machines = machines.where((eb) => contains(eb.ref('machines.name_folded'), search));
  const { total } = await machines.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const { offset, limit } = pageOf(query);
  const rows = await selected(machines, store.now())
    .orderBy('machines.name_folded')
    .limit(limit)
    .offset(offset)
    .execute();
  const { value } = await readSetting(store.db, 'machines');
  return { kind: 'listed', total, rows: rows.map((row) => lineOf(row, store.now(), value.heartbeatSeconds)) };
}

export async function getMachine(store: Store, actor: Actor, id: string): Promise<Found<{ machine: MachineLine }>> {
  const right = await rightTo(store.db, actor, 'machines.read', store.now());
  if (right.kind === 'none') return FORBIDDEN;
  const row = await machineRow(store.db, id, store.now());
  if (!row || !reaches(right, row)) return NOT_FOUND;
  const { value } = await readSetting(store.db, 'machines');
  return { kind: 'found', machine: lineOf(row, store.now(), value.heartbeatSeconds) };
}

export async function machineRow(db: Kysely<Tables>, id: string, now: number): Promise<MachineRow | undefined> {
  return isId(id) ? selected(machineRows(db), now).where('machines.id', '=', id).executeTakeFirst() : undefined;
}

/** Somebody else's does not exist for who may only have their own. */
export function reaches(right: Right, row: Pick<MachineRow, 'owner_user_id'>): boolean {
  return right.kind === 'any' || (right.kind === 'own' && right.userId === row.owner_user_id);
}

function machineRows(db: Kysely<Tables>) {
  return machinesWithOwners(db).innerJoin('machine_addresses', 'machine_addresses.machine_id', 'machines.id');
}

function selected(machines: ReturnType<typeof machineRows>, now: number) {
  return machines
    .selectAll('machines')
    .select(['machine_addresses.number', 'users.email', 'users.name as ownerName'])
    .select((eb) => eb.case().when(isLetIn(now)(eb)).then(1).else(0).end().as('let_in'));
}

export type MachineRow = Awaited<ReturnType<ReturnType<typeof selected>['executeTakeFirstOrThrow']>>;

function lineOf(row: MachineRow, now: number, heartbeatSeconds: number): MachineLine {
  const seen = { lastSeenAt: row.last_seen_at, leftAt: row.left_at, isLetIn: row.let_in === 1 };
  return {
    id: row.id,
    name: row.name,
    address: addressOfNumber(row.number),
    owner: { userId: row.owner_user_id, email: row.email, name: row.ownerName },
    state: machineState(seen, now, heartbeatSeconds),
    lastSeenAt: row.last_seen_at,
    version: row.version,
    os: row.os,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
