// Settings of the whole of Foyer: read by pages and the snapshot, changed by administrators.
import type { Kysely } from 'kysely';
import { planCluster } from '#server/core/cluster.ts';
import type { OwnZones } from '#server/core/own-zones.ts';
import { aliasProblems } from './alias-problems.ts';
import { readJson } from './app-row.ts';
import { changedKeys } from './changed.ts';
import { clusterProblems } from './cluster-problems.ts';
import type { Store } from './handle.ts';
import { machineProblems } from './machine-problems.ts';
import { rightTo } from './right.ts';
import {
  type Actor,
  type FieldErrors,
  FORBIDDEN,
  type Found,
  type Invalid,
  invalid,
  type SavedRecord,
} from './saved.ts';
import { zoneOf } from './schema/machine.ts';
import { parseInput } from './schema/parse-input.ts';
import { SETTINGS, type SettingKey, type SettingValue } from './schema/settings.ts';
import { CHANGED_MEANWHILE, changedAt, isStale } from './stale.ts';
import type { Tables } from './tables.ts';
import { type Writing, write } from './write.ts';

export type SettingRecord<Key extends SettingKey> = { value: SettingValue<Key>; updatedAt: number };

/** For Foyer itself; what a person may read of it is decided where it is shown. `updatedAt` is 0 while it was never saved. */
export async function readSetting<Key extends SettingKey>(db: Kysely<Tables>, key: Key): Promise<SettingRecord<Key>> {
  const row = await db.selectFrom('settings').selectAll().where('key', '=', key).executeTakeFirst();
  return { value: settingOf(key, row?.value), updatedAt: row?.updated_at ?? 0 };
}

/** For the form of it. */
export async function getSetting<Key extends SettingKey>(
  store: Store,
  actor: Actor,
  key: Key,
): Promise<Found<SettingRecord<Key>>> {
  const right = await rightTo(store.db, actor, 'settings.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  return { kind: 'found', ...(await readSetting(store.db, key)) };
}

/** `input`: schema/settings.ts. */
export async function saveSetting(
  store: Store,
  actor: Actor,
  key: SettingKey,
  input: unknown,
  expectedUpdatedAt?: number,
): Promise<SavedRecord> {
  return write(store, actor, 'settings.write', async (w) => {
    const before = await w.trx.selectFrom('settings').selectAll().where('key', '=', key).executeTakeFirst();
    if (isStale(before ?? { updated_at: 0 }, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    const parsed = parseInput<object>(SETTINGS[key], input);
    if (parsed.kind === 'invalid') return parsed;
    const errors = await settingProblems(store, w, key, parsed.value);
    if (Object.keys(errors).length > 0) return invalid(errors);
    const row = { key, value: JSON.stringify(parsed.value), updated_at: changedAt(before ?? null, w.now) };
    await w.trx
      .insertInto('settings')
      .values(row)
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: row.value, updated_at: row.updated_at }))
      .execute();
    w.raise('catalogue');
    const known = before ? (settingOf(key, before.value) as Record<string, unknown>) : null;
    w.audit({
      action: 'settings-saved',
      object: { kind: 'settings', id: key, name: key },
      detail: changedKeys(known, parsed.value as Record<string, unknown>),
    });
    return { kind: 'saved', id: key, updatedAt: row.updated_at };
  });
}

/** What a form gives, looked at without saving it. */
export function parseSetting<Key extends SettingKey>(
  key: Key,
  input: unknown,
): { kind: 'parsed'; value: SettingValue<Key> } | Invalid {
  const parsed = parseInput<object>(SETTINGS[key], input);
  return parsed.kind === 'invalid' ? parsed : { kind: 'parsed', value: parsed.value as SettingValue<Key> };
}

/** A value that cannot be read (an older or newer Foyer wrote it) is the default: no setting may hold back the rest. */
export function settingOf<Key extends SettingKey>(key: Key, text: string | undefined): SettingValue<Key> {
  const schema = SETTINGS[key];
  const parsed = parseInput<object>(schema, text === undefined ? {} : readJson(text));
  const value = parsed.kind === 'parsed' ? parsed.value : schema.parse({});
  return value as SettingValue<Key>;
}

/** What only the rest of the store can tell about a setting. */
async function settingProblems(store: Store, w: Writing, key: SettingKey, value: object): Promise<FieldErrors> {
  if (key === 'aliases') return aliasProblems(await ownZones(store, w.trx), w, value as SettingValue<'aliases'>);
  if (key === 'machines') return machineProblems(await ownZones(store, w.trx), w, value as SettingValue<'machines'>);
  if (key === 'cluster') return clusterProblems(await ownZones(store, w.trx), w, value as SettingValue<'cluster'>);
  return {};
}

/** As the settings have them that are saved. */
export async function ownZones(
  { gatewayName, portal }: Pick<Store, 'gatewayName' | 'portal'>,
  db: Kysely<Tables>,
): Promise<OwnZones> {
  const machines = (await readSetting(db, 'machines')).value;
  const planned = planCluster((await readSetting(db, 'cluster')).value);
  return {
    ...{ portal: portal.hostname, gatewayName },
    cluster: planned.kind === 'cluster' ? planned.cluster : null,
    aliasZone: (await readSetting(db, 'aliases')).value.zone,
    endings: [zoneOf(machines, portal), ...machines.search],
  };
}
