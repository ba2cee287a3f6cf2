// What the rest of the store says to an alias zone: a zone that Foyer answers for holds nobody's public name (F7).
import { type Hostname, isWithin } from '#server/core/hostname.ts';
import { type OwnZones, ownNames } from '#server/core/own-zones.ts';
import type { FieldErrors } from './saved.ts';
import type { SettingValue } from './schema/settings.ts';
import type { Writing } from './write.ts';

export async function aliasProblems(
  own: OwnZones,
  { trx }: Writing,
  { zone }: SettingValue<'aliases'>,
): Promise<FieldErrors> {
  if (zone === null) return {};
  if (isWithin(own.portal, zone))
    return { zone: 'The portal’s own name is in this zone, which would hold aliases alone. Use a zone of its own.' };
  const other = [...ownNames(own), ...own.endings].find((name) => isWithin(name, zone));
  if (other)
    return { zone: `The name ${other} is in this zone, which would hold aliases alone. Use a zone of its own.` };
  const ending = own.endings.find((each) => isWithin(zone, each));
  if (ending)
    return {
      zone: `Names that end in ${ending} are machines’ names, and no alias is found there. Use a zone of its own.`,
    };
  const rows = await trx.selectFrom('app_hosts').select('host').where('host', 'like', `%${zone}`).execute();
  const taken = rows.find(({ host }) => isWithin(host as Hostname, zone));
  if (!taken) return {};
  return {
    zone: `The public name ${taken.host} is in this zone, which would hold aliases alone. Use a zone of its own.`,
  };
}
