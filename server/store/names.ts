// The names document, as of now: machines, records and zone, with a version that is the hash of what it says.
import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { NamesDocument, ResolvedName } from '#server/core/names-document.ts';
import { resolveInDocument } from '#server/core/names-document.ts';
import { readRevision } from './feed.ts';
import type { Store } from './handle.ts';
import { isLetIn, machinesWithOwners } from './let-in.ts';
import { addressOfNumber } from './machine-address.ts';
import { rightTo } from './right.ts';
import { type Actor, FORBIDDEN, type Forbidden } from './saved.ts';
import { type MachineSettings, zoneOf } from './schema/machine.ts';
import { readSetting } from './settings.ts';
import type { Tables } from './tables.ts';

/** An answer that is kept for a minute is never older than that, whoever asked. */
const TTL_SECONDS = 60;
const HOUR_MS = 60 * 60_000;

/** By store: as long as the revision stands, so does the document, until a machine leaves it by the clock (epoch ms). */
const kept = new WeakMap<object, { revision: number; until: number; document: NamesDocument }>();

/** For resolvers of the organisation; the caller has made sure that it is one. */
export async function readNames(store: Store): Promise<NamesDocument> {
  const revision = await readRevision(store.db);
  const before = kept.get(store);
  const now = store.now();
  if (before?.revision === revision && now < before.until) return before.document;
  const { value } = await readSetting(store.db, 'machines');
  const listed = await listedNames(store, value, now);
  const document = versioned(listed.names);
  if (value.listedHours === null) kept.set(store, { revision, until: listed.until, document });
  else kept.delete(store);
  return document;
}

/** What one's own tokens read: apps and the gateway's name are in it only for whoever may read every name. */
export async function getNames(
  store: Store,
  actor: Actor,
  gatewayName: string | null,
): Promise<{ kind: 'found'; names: NamesDocument } | Forbidden> {
  const now = store.now();
  const right = await rightTo(store.db, actor, 'machines.read', now);
  if (right.kind === 'none') return FORBIDDEN;
  const names = await readNames(store);
  const all = await rightTo(store.db, actor, 'names.read', now);
  if (all.kind !== 'any') return { kind: 'found', names };
  const { version: _, ...rest } = names;
  const gateway = gatewayName === null ? {} : { gateway: gatewayName };
  return { kind: 'found', names: versioned({ ...rest, apps: await appHosts(store.db), ...gateway }) };
}

/** A name of a machine or a record, online or not; null where there is none. */
export async function resolveName(store: Store, name: string): Promise<ResolvedName | null> {
  return resolveInDocument(await readNames(store), name);
}

/** The machines that are let in, as of `now`; `until`: when the first of them is so no more by the clock. */
async function listedNames(
  store: Store,
  settings: MachineSettings,
  now: number,
): Promise<{ names: Omit<NamesDocument, 'version'>; until: number }> {
  let machines = machinesWithOwners(store.db)
    .innerJoin('machine_addresses', 'machine_addresses.machine_id', 'machines.id')
    .select(['machines.name', 'machine_addresses.number', 'api_tokens.expires_at'])
    .where(isLetIn(now))
    .orderBy('machines.name_folded');
  if (settings.listedHours !== null) {
    const heardSince = now - settings.listedHours * HOUR_MS;
    machines = machines.where((eb) =>
      eb(eb.fn.coalesce('machines.last_seen_at', 'machines.updated_at'), '>=', heardSince),
    );
  }
  const rows = await machines.execute();
  const names = {
    zone: zoneOf(settings, store.portal),
    search: settings.search,
    machines: rows.map(({ name, number }) => ({ name, address: addressOfNumber(number) })),
    records: settings.records,
    ttlSeconds: TTL_SECONDS,
  };
  const until = rows.reduce((first, row) => Math.min(first, row.expires_at ?? first), Number.POSITIVE_INFINITY);
  return { names, until };
}

async function appHosts(db: Kysely<Tables>): Promise<string[]> {
  const rows = await db
    .selectFrom('app_hosts')
    .innerJoin('apps', 'apps.id', 'app_hosts.app_id')
    .select('app_hosts.host')
    .where('apps.enabled', '=', 1)
    .orderBy('app_hosts.host')
    .execute();
  return rows.map(({ host }) => host);
}

function versioned(names: Omit<NamesDocument, 'version'>): NamesDocument {
  const version = createHash('sha256').update(JSON.stringify(names)).digest('base64url').slice(0, 16);
  return { version, ...names };
}
