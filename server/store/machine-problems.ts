// What the rest of the store says to the names of machines: a zone takes no public name away from resolvers, a record is no machine's name.
import type { Kysely } from 'kysely';
import type { Portal } from '#server/core/snapshot.ts';
import { fold } from './fold.ts';
import type { Store } from './handle.ts';
import type { FieldErrors } from './saved.ts';
import type { MachineSettings } from './schema/machine.ts';
import type { Tables } from './tables.ts';
import type { Writing } from './write.ts';

export async function machineProblems(
  { portal }: Store,
  { trx }: Writing,
  { zone, search, records }: MachineSettings,
): Promise<FieldErrors> {
  const claimed = [['zone', zone], ...search.map((each, at) => [`search.${at}`, each])] as const;
  for (const [field = '', ending] of claimed) {
    const lost = ending && (await firstWithin(trx, ending, portal));
    if (lost) return { [field ?? '']: `${lost} lies in here and would not be found any more. Choose another ending.` };
  }
  return recordProblems(trx, records);
}

/** Of a record and a machine of one name the machine's would be answered. */
async function recordProblems(db: Kysely<Tables>, records: MachineSettings['records']): Promise<FieldErrors> {
  const names = records.map(({ name }) => fold(name));
  if (names.length === 0) return {};
  const rows = await db.selectFrom('machines').select('name_folded').where('name_folded', 'in', names).execute();
  const taken = new Set(rows.map((row) => row.name_folded));
  const at = names.findIndex((name) => taken.has(name));
  const name = records[at]?.name;
  if (name === undefined) return {};
  return { [`records.${at}.name`]: `There is a machine called ${name} already. Choose another name.` };
}

async function firstWithin(db: Kysely<Tables>, ending: string, { hostname }: Portal): Promise<string | null> {
  if (`.${hostname}`.endsWith(`.${ending}`)) return hostname;
  const app = await db
    .selectFrom('app_hosts')
    .select('host')
    .where((eb) => eb.or([eb('host', '=', ending), eb('host', 'like', `%.${ending}`)]))
    .limit(1)
    .executeTakeFirst();
  return app?.host ?? null;
}
