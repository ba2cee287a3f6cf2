// What a machine itself tells the store: that it is there, and its last word. Neither raises the revision nor is audited.
import type { NamesDocument } from '#server/core/names-document.ts';
import type { Store } from './handle.ts';
import type { LiveMachine } from './live-machine.ts';
import { addressOfNumber } from './machine-address.ts';
import { readNames } from './names.ts';
import { type Invalid, NOT_FOUND, type NotFound } from './saved.ts';
import { heartbeatInput } from './schema/machine.ts';
import { parseInput } from './schema/parse-input.ts';
import { readSetting } from './settings.ts';

/** `names` is null while the machine has the present version. */
export type Beat = {
  name: string;
  address: string;
  version: string;
  names: NamesDocument | null;
  heartbeatSeconds: number;
};

/** A machine that calls more often than this costs the store no write. */
const LEAST_BETWEEN_WRITES_MS = 2_000;

/** `input`: schema/machine.ts. */
export async function heartbeat(
  store: Store,
  machine: LiveMachine,
  input: unknown,
): Promise<{ kind: 'heard'; beat: Beat } | Invalid | NotFound> {
  const parsed = parseInput(heartbeatInput, input);
  if (parsed.kind === 'invalid') return parsed;
  const { have, version, os } = parsed.value;
  const row = await store.db
    .selectFrom('machines')
    .innerJoin('machine_addresses', 'machine_addresses.machine_id', 'machines.id')
    .selectAll('machines')
    .select('machine_addresses.number')
    .where('machines.id', '=', machine.id)
    .executeTakeFirst();
  if (!row) return NOT_FOUND;
  const now = store.now();
  const isSame = row.left_at === null && row.version === version && row.os === os;
  if (!isSame || row.last_seen_at === null || Math.abs(now - row.last_seen_at) >= LEAST_BETWEEN_WRITES_MS) {
    const seen = { last_seen_at: now, left_at: null, version, os };
    await store.db.updateTable('machines').set(seen).where('id', '=', machine.id).execute();
  }
  const names = await readNames(store);
  const { value } = await readSetting(store.db, 'machines');
  const beat = {
    ...{ name: row.name, address: addressOfNumber(row.number), version: names.version },
    ...{ names: names.version === have ? null : names, heartbeatSeconds: value.heartbeatSeconds },
  };
  return { kind: 'heard', beat };
}

/** The last word: it goes now, and says so. Its name stays. */
export async function lastWord(store: Store, { id }: LiveMachine): Promise<void> {
  const now = store.now();
  await store.db.updateTable('machines').set({ last_seen_at: now, left_at: now }).where('id', '=', id).execute();
}
