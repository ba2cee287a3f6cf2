// What only the rest of the store can tell about an app: names that are taken, addresses that are refused, people who are gone.
import { parseAddress } from '#server/core/address.ts';
import type { Site } from '#server/core/app.ts';
import { checkAddress, type OwnHost } from '#server/core/check-address.ts';
import { type Hostname, isWithin } from '#server/core/hostname.ts';
import { isLostInCluster } from '#server/core/own-zones.ts';
import type { Assignment } from '#server/core/policy.ts';
import type { Store } from './handle.ts';
import { ownHost, REFUSED_ADDRESS } from './own-host.ts';
import type { FieldErrors } from './saved.ts';
import { type AppInput, upstreamsOf } from './schema/app.ts';
import { expiryOf } from './schema/certificate.ts';
import { placesOf } from './schema/upstream.ts';
import { ownZones } from './settings.ts';
import { readSite } from './site-row.ts';
import type { Writing } from './write.ts';

/** `id` is the app's own when it exists already: it may keep its names. */
export async function appProblems(
  store: Store,
  { trx, now }: Writing,
  id: string | null,
  app: AppInput,
  owner: string | null,
): Promise<FieldErrors> {
  const errors: FieldErrors = {};
  const taken = await trx
    .selectFrom('app_hosts')
    .select('host')
    .where('host', 'in', app.hosts)
    .$if(id !== null, (query) => query.where('app_id', '!=', id ?? ''))
    .execute();
  const had = id === null ? [] : await trx.selectFrom('app_hosts').select('host').where('app_id', '=', id).execute();
  const isNew = (host: Hostname) => !had.some((row) => row.host === host);
  const { aliasZone, cluster, endings } = await ownZones(store, trx);
  for (const [at, host] of app.hosts.entries()) {
    if (endings.some((ending) => isWithin(host, ending))) errors[`hosts.${at}`] = IN_MACHINES_ZONE;
    if (cluster && isNew(host) && isLostInCluster(cluster, host)) errors[`hosts.${at}`] = IN_CLUSTER_ZONE;
    if (aliasZone !== null && isWithin(host, aliasZone)) errors[`hosts.${at}`] = IN_ALIAS_ZONE;
    if (host === store.portal.hostname) errors[`hosts.${at}`] = 'This is the portal’s own name. Choose another one.';
    if (taken.some((row) => row.host === host))
      errors[`hosts.${at}`] = 'Another app has this name. Choose another one.';
  }
  const siteRow = await trx.selectFrom('sites').selectAll().where('id', '=', app.siteId).executeTakeFirst();
  const site = siteRow && readSite(siteRow);
  if (!site) errors.siteId = 'This site does not exist any more. Choose another one.';
  if (site?.kind === 'unreadable') errors.siteId = 'This site’s settings are damaged. Save the site again first.';
  if (site?.kind === 'read') Object.assign(errors, addressProblems(app, site.value, ownHost(store)));
  Object.assign(errors, expiryProblems(app, now));
  const ownerRow = owner && (await trx.selectFrom('users').select('id').where('id', '=', owner).executeTakeFirst());
  if (owner && !ownerRow) errors.ownerUserId = 'This person does not exist any more. Choose another one.';
  if (app.icon.kind === 'uploaded') {
    const { sha256 } = app.icon;
    const picture = await trx.selectFrom('icons').select('sha256').where('sha256', '=', sha256).executeTakeFirst();
    if (!picture) errors.icon = 'This picture is not here any more. Upload it again, or choose another icon.';
  }
  return errors;
}

const IN_MACHINES_ZONE =
  'Names that end so are machines’ names, and resolvers inside find no app there. Choose another one.';
const IN_CLUSTER_ZONE = 'This name lies below the cluster’s, where nothing but gateways is found. Choose another one.';
const IN_ALIAS_ZONE = 'This name is in the zone of aliases, where Foyer makes the names itself. Choose another one.';

/** Literal addresses that may not be dialled, wherever in the app they stand. */
function addressProblems(app: AppInput, site: Site, own: OwnHost): FieldErrors {
  const errors: FieldErrors = {};
  for (const { upstream, path: of } of upstreamsOf(app)) {
    for (const { place, path } of placesOf(upstream, of)) {
      const literal = parseAddress(place.host);
      const refusal = literal && checkAddress(literal, place.port, site, own);
      if (refusal) errors[`${path}.host`] = REFUSED_ADDRESS[refusal];
    }
  }
  return errors;
}

/** Only what is pasted now: a certificate that expires later breaks its upstream, and must not keep a form from being saved. */
function expiryProblems(app: AppInput, now: number): FieldErrors {
  const errors: FieldErrors = {};
  for (const { upstream, path } of upstreamsOf(app)) {
    const given = upstream.clientCertificate;
    if (given?.kind !== 'new') continue;
    const expiry = expiryOf(given.cert);
    if (expiry > now) continue;
    const date = new Date(expiry).toISOString().slice(0, 10);
    errors[`${path}.clientCertificate.cert`] = `This certificate expired on ${date}. Paste one that is still valid.`;
  }
  return errors;
}

/** Assignments to people and groups that do not exist. */
export async function assignmentProblems({ trx }: Writing, assignments: readonly Assignment[]): Promise<FieldErrors> {
  const wanted = assignments.flatMap((each) =>
    each.kind === 'user' ? [each.userId] : each.kind === 'group' ? [each.groupId] : [],
  );
  if (wanted.length === 0) return {};
  const users = await trx.selectFrom('users').select('id').where('id', 'in', wanted).execute();
  const groups = await trx.selectFrom('groups').select('id').where('id', 'in', wanted).execute();
  const userIds = new Set(users.map(({ id }) => id));
  const groupIds = new Set(groups.map(({ id }) => id));
  const errors: FieldErrors = {};
  for (const [at, each] of assignments.entries()) {
    if (each.kind === 'user' && !userIds.has(each.userId))
      errors[`${at}`] = 'This person does not exist any more. Remove them.';
    if (each.kind === 'group' && !groupIds.has(each.groupId))
      errors[`${at}`] = 'This group does not exist any more. Remove it.';
  }
  return errors;
}
