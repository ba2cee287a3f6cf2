// What gateways have open for long, as they last said: who has it open, of which app, since when; and its end by an administrator.
import type { Kysely } from 'kysely';
import { contains, pageOf } from './fold.ts';
import type { Store } from './handle.ts';
import { rightTo } from './right.ts';
import { type Actor, FORBIDDEN, type Listed, NOT_FOUND, type Saved } from './saved.ts';
import type { Tables } from './tables.ts';
import type { StreamKind } from './words.ts';
import { write } from './write.ts';

/** Tells the processes of gateways apart, also of one that was replaced. */
export type GatewayProcess = { gateway: number; startedAt: number };
export type OpenStream = {
  id: string;
  sessionId: string;
  appId: string;
  kind: StreamKind;
  since: number;
  bytes: number;
};
/** What changed at one process since it said so last. */
export type StreamChanges = {
  opened: readonly OpenStream[];
  moved: readonly { id: string; bytes: number }[];
  closed: readonly string[];
};

/** `appName` is null when the app is gone. */
export type StreamLine = OpenStream & { userId: string; email: string; name: string; appName: string | null };
export type StreamFilters = { person?: string; appId?: string; kind?: StreamKind; sessionIds?: readonly string[] };

/** A process that has said nothing of itself for so long is gone, and what it had open with it. */
const SILENT_MS = 2 * 60_000;
const ROWS_PER_WRITE = 200;

/** A stream whose session has ended meanwhile is left out. Each transaction is short; all of it may be said again. */
export async function noteStreams(
  store: Store,
  { gateway, startedAt }: GatewayProcess,
  { opened, moved, closed }: StreamChanges,
): Promise<void> {
  for (const some of parts(opened)) {
    await store.db.transaction().execute(async (trx) => {
      const ids = [...new Set(some.map(({ sessionId }) => sessionId))];
      const living = await trx.selectFrom('sessions').select('id').where('id', 'in', ids).execute();
      const known = new Set(living.map(({ id }) => id));
      const rows = some
        .filter(({ sessionId }) => known.has(sessionId))
        .map(({ sessionId, appId, ...stream }) => ({
          ...stream,
          ...{ session_id: sessionId, app_id: appId, gateway, started_at: startedAt },
        }));
      if (rows.length === 0) return;
      await trx
        .insertInto('open_streams')
        .values(rows)
        .onConflict((on) => on.column('id').doNothing())
        .execute();
    });
  }
  for (const some of parts(moved)) {
    await store.db.transaction().execute(async (trx) => {
      for (const { id, bytes } of some)
        await trx.updateTable('open_streams').set({ bytes }).where('id', '=', id).execute();
    });
  }
  for (const some of parts(closed)) await store.db.deleteFrom('open_streams').where('id', 'in', some).execute();
}

/** Everything of a process that ends, or of all that have ended without a word. */
export async function forgetStreams(store: Store, ended: GatewayProcess | 'silent'): Promise<void> {
  let gone = store.db.deleteFrom('open_streams');
  gone =
    ended === 'silent'
      ? gone.where(({ not, exists }) => not(exists(speaking(store.db, store.now()))))
      : gone.where('gateway', '=', ended.gateway).where('started_at', '=', ended.startedAt);
  await gone.execute();
}

/** The longest open first. Nothing of a process that has fallen silent. */
export async function listStreams(
  store: Store,
  actor: Actor,
  query: { filters?: StreamFilters; offset?: number; limit?: number } = {},
): Promise<Listed<StreamLine>> {
  const now = store.now();
  const right = await rightTo(store.db, actor, 'sessions.read', now);
  if (right.kind !== 'any') return FORBIDDEN;
  const { appId, kind, person, sessionIds } = query.filters ?? {};
  let open = store.db
    .selectFrom('open_streams')
    .innerJoin('sessions', 'sessions.id', 'open_streams.session_id')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .leftJoin('apps', 'apps.id', 'open_streams.app_id')
    .where('sessions.expires_at', '>', now)
    .where(({ exists }) => exists(speaking(store.db, now)));
  if (person)
    open = open.where((eb) =>
      eb.or(
        ['users.name_folded', 'users.email_folded'].map((column) =>
          contains(eb.ref(column as 'users.name_folded'), person),
        ),
      ),
    );
  if (appId) open = open.where('open_streams.app_id', '=', appId);
  if (kind) open = open.where('open_streams.kind', '=', kind);
  if (sessionIds) {
    if (sessionIds.length === 0) return { kind: 'listed', rows: [], total: 0 };
    open = open.where('open_streams.session_id', 'in', sessionIds);
  }
  const { offset, limit } = pageOf(query);
  const { total } = await open.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await open
    .select(['open_streams.id', 'open_streams.session_id as sessionId', 'open_streams.app_id as appId'])
    .select(['open_streams.kind', 'open_streams.since', 'open_streams.bytes'])
    .select(['users.id as userId', 'users.email', 'users.name', 'apps.name as appName'])
    .orderBy('open_streams.since')
    .orderBy('open_streams.id')
    .limit(limit)
    .offset(offset)
    .execute();
  return { kind: 'listed', rows, total };
}

/** Every gateway is told; the one that has it ends it. The person may open it again: their session stays. */
export async function endStream(store: Store, actor: Actor, id: string): Promise<Saved> {
  return write(store, actor, 'sessions.end', async (w) => {
    const stream = await w.trx
      .selectFrom('open_streams')
      .innerJoin('sessions', 'sessions.id', 'open_streams.session_id')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .leftJoin('apps', 'apps.id', 'open_streams.app_id')
      .select(['open_streams.app_id', 'open_streams.kind', 'users.email', 'apps.name'])
      .where('open_streams.id', '=', id)
      .executeTakeFirst();
    if (!stream) return NOT_FOUND;
    await w.trx.deleteFrom('open_streams').where('id', '=', id).execute();
    w.raise('stream', id);
    w.audit({
      action: 'stream-ended',
      object: { kind: 'app', id: stream.app_id, name: stream.name ?? '' },
      reason: 'ended-by-admin',
      detail: { person: stream.email, kind: stream.kind, stream: id },
    });
    return { kind: 'saved', id };
  });
}

/** What the process of a row last said of itself, where it did so lately. */
function speaking(db: Kysely<Tables>, now: number) {
  return db
    .selectFrom('gateway_health')
    .select('gateway_health.gateway')
    .where('gateway_health.span', '=', 'minute')
    .where('gateway_health.at', '>', now - SILENT_MS)
    .whereRef('gateway_health.gateway', '=', 'open_streams.gateway' as never)
    .whereRef('gateway_health.started_at', '=', 'open_streams.started_at' as never);
}

function* parts<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let start = 0; start < rows.length; start += ROWS_PER_WRITE) yield rows.slice(start, start + ROWS_PER_WRITE);
}
