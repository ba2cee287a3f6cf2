// What the nodes of a cluster say of themselves, once a second, and what their zone is numbered: written past audit and revision.
import { type Presence, SILENT_MS } from '#server/core/cluster-health.ts';
import { nextSerial } from '#server/core/serial.ts';
import type { Store } from './handle.ts';
import type { Tables } from './tables.ts';

/** `instance` tells two supervisors apart that were given one number; `gateways` is how many are meant to run. */
export type Beat = Presence & { number: number; name: string; instance: string; gateways: number };

/** `presence` null: an administrator drains a node that was never seen. */
export type NodeRow = {
  number: number;
  name: string | null;
  gateways: number;
  presence: Presence | null;
  drainingSince: number | null;
};

/** `taken`: another supervisor speaks for this number. Of a stamp in the future nobody says that it is alive. */
export async function noteBeat(store: Pick<Store, 'db'>, beat: Beat): Promise<'noted' | 'taken'> {
  const { number, name, instance, startedAt, seenAt, state, gateways, gatewaysReady } = beat;
  const said = { name, instance, started_at: startedAt, beat: beat.beat, seen_at: seenAt, state, gateways };
  const row = { ...said, gateways_ready: gatewaysReady };
  const { numInsertedOrUpdatedRows } = await store.db
    .insertInto('cluster_nodes')
    .values({ number, ...row, draining_since: null })
    .onConflict((on) =>
      on
        .column('number')
        .doUpdateSet(row)
        .where((eb) =>
          eb.or([
            eb('cluster_nodes.instance', 'is', null),
            eb('cluster_nodes.instance', '=', instance),
            eb('cluster_nodes.state', '=', 'stopped'),
            eb('cluster_nodes.seen_at', '<=', seenAt - SILENT_MS),
            eb('cluster_nodes.seen_at', '>', seenAt + SILENT_MS),
          ]),
        ),
    )
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 0n ? 'taken' : 'noted';
}

export async function readNodes({ db }: Pick<Store, 'db'>): Promise<NodeRow[]> {
  const rows = await db.selectFrom('cluster_nodes').selectAll().orderBy('number').execute();
  return rows.map(nodeOf);
}

/** The serial for whoever would use `wanted` next: that, or one after the last that anybody had. */
export async function raiseSerial({ db }: Pick<Store, 'db'>, wanted: number): Promise<number> {
  return db.transaction().execute(async (trx) => {
    // Writes the row back as it is: whoever else comes waits here.
    const row = await trx
      .insertInto('cluster_zone')
      .values({ id: 1, serial: (wanted + BITS - 1) % BITS })
      .onConflict((on) => on.column('id').doUpdateSet((eb) => ({ serial: eb.ref('cluster_zone.serial') })))
      .returning('serial')
      .executeTakeFirstOrThrow();
    const serial = nextSerial(row.serial, wanted);
    await trx.updateTable('cluster_zone').set({ serial }).where('id', '=', 1).execute();
    return serial;
  });
}

const BITS = 2 ** 32;

function nodeOf(row: Tables['cluster_nodes']): NodeRow {
  const { number, name, started_at, beat, seen_at, state } = row;
  const wasSeen = started_at !== null && beat !== null && seen_at !== null;
  const gatewaysReady = row.gateways_ready ?? 0;
  return {
    number,
    name,
    gateways: row.gateways ?? 0,
    drainingSince: row.draining_since,
    presence: wasSeen
      ? {
          startedAt: started_at,
          beat,
          seenAt: seen_at,
          state: state === 'running' ? 'running' : 'stopped',
          gatewaysReady,
        }
      : null,
  };
}
