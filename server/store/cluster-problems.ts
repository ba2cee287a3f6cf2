// What the rest of the store says to a cluster's name: its zone takes no public name away, and lies in no zone that others answer from.
import { namesOfCluster, planCluster } from '#server/core/cluster.ts';
import { type Hostname, isWithin } from '#server/core/hostname.ts';
import { isLostInCluster, type OwnZones, ownNames } from '#server/core/own-zones.ts';
import type { FieldErrors } from './saved.ts';
import type { SettingValue } from './schema/settings.ts';
import type { Writing } from './write.ts';

export async function clusterProblems(
  own: OwnZones,
  { trx }: Writing,
  settings: SettingValue<'cluster'>,
): Promise<FieldErrors> {
  const planned = planCluster(settings);
  if (planned.kind !== 'cluster') return {};
  const { cluster } = planned;
  // Only another name can take something away that was there.
  if (own.cluster?.name === cluster.name) return {};
  const { aliasZone, endings } = own;
  const names = [...namesOfCluster(cluster)];
  if (aliasZone !== null && names.some((name) => isWithin(name, aliasZone)))
    return { name: 'This name is in the zone of aliases, where Foyer makes the names itself. Choose another one.' };
  const ending = endings.find((each) => names.some((name) => isWithin(name, each)));
  if (ending)
    return {
      name: `Names that end in ${ending} are machines’ names, and no gateway is found there. Choose another one.`,
    };
  const rows = await trx.selectFrom('app_hosts').select('host').where('host', 'like', `%.${cluster.name}`).execute();
  const found = [...ownNames({ ...own, cluster: null }), ...rows.map(({ host }) => host as Hostname)];
  const lost = found.find((host) => isLostInCluster(cluster, host));
  return lost ? { name: `${lost} lies below this name and would not be found any more. Choose another one.` } : {};
}
