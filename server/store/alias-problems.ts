// What the rest of the store says to an alias zone: a zone that Foyer answers for holds nobody's public name (F7).
import { type Hostname, isWithin } from '#server/core/hostname.ts';
import type { Store } from './handle.ts';
import type { FieldErrors } from './saved.ts';
import type { SettingValue } from './schema/settings.ts';
import type { Writing } from './write.ts';

export async function aliasProblems(
  { portal }: Store,
  { trx }: Writing,
  { zone }: SettingValue<'aliases'>,
): Promise<FieldErrors> {
  if (zone === null) return {};
  if (isWithin(portal.hostname, zone))
    return { zone: 'The portal’s own name is in this zone, which would hold aliases alone. Use a zone of its own.' };
  const rows = await trx.selectFrom('app_hosts').select('host').where('host', 'like', `%${zone}`).execute();
  const taken = rows.find(({ host }) => isWithin(host as Hostname, zone));
  if (!taken) return {};
  return {
    zone: `The public name ${taken.host} is in this zone, which would hold aliases alone. Use a zone of its own.`,
  };
}
