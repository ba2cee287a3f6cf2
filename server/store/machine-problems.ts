// What the rest of the store says to the names of machines: a zone takes no public name away from resolvers, a record is no machine's name.
import type { Kysely } from 'kysely';
import { type Hostname, isWithin } from '#server/core/hostname.ts';
import { type OwnZones, ownNames } from '#server/core/own-zones.ts';
import { fold } from './fold.ts';
import type { FieldErrors } from './saved.ts';
import { type MachineSettings, zoneOf } from './schema/machine.ts';
import type { Tables } from './tables.ts';
import type { Writing } from './write.ts';

export async function machineProblems(
  own: OwnZones,
  { trx }: Writing,
  { zone, search, records }: MachineSettings,
): Promise<FieldErrors> {
  const claimed: [string, Hostname][] = [
    ['zone', zoneOf({ zone }, { hostname: own.portal })],
    ...search.map((each, at): [string, Hostname] => [`search.${at}`, each]),
  ];
  for (const [field, ending] of claimed) {
    if (own.aliasZone !== null && isWithin(ending, own.aliasZone))
      return { [field]: 'This is in the zone of aliases, where Foyer makes the names itself. Choose another ending.' };
    const lost = await firstWithin(trx, ending, own);
    if (lost) return { [field]: `${lost} lies in here and would not be found any more. Choose another ending.` };
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

async function firstWithin(db: Kysely<Tables>, ending: Hostname, own: OwnZones): Promise<string | null> {
  const names = [...ownNames(own), ...(own.aliasZone === null ? [] : [own.aliasZone])];
  const name = names.find((each) => isWithin(each, ending));
  if (name) return name;
  const app = await db
    .selectFrom('app_hosts')
    .select('host')
    .where((eb) => eb.or([eb('host', '=', ending), eb('host', 'like', `%.${ending}`)]))
    .limit(1)
    .executeTakeFirst();
  return app?.host ?? null;
}
