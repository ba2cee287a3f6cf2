// Fills the demo's store through the store's own functions: once everything, afterwards only where the parts listen now.
import { isDeepStrictEqual } from 'node:util';
import type { App, Site } from '#server/core/app.ts';
import { listApps, saveApp, setAssignments } from '#server/store/apps.ts';
import type { Store } from '#server/store/handle.ts';
import type { Actor, Saved } from '#server/store/saved.ts';
import { listSites, saveSite } from '#server/store/sites.ts';
import { listUsers, saveUser } from '#server/store/users.ts';
import { APPS, type DemoApp, HOSTS, USERS, ZONE } from './names.ts';
import type { SampleNetwork } from './network.ts';

const SYSTEM: Actor = { kind: 'system' };
const SITE_NAME = 'Sample network';

const APP_TEXTS: Record<DemoApp, { name: string; description: string }> = {
  wiki: { name: 'Wiki', description: 'Pages that everybody writes, with attachments on a second host.' },
  ops: { name: 'Ops board', description: 'Live numbers and a chat.' },
  mirror: { name: 'Mirror', description: 'Shows a request as it reaches an app, and checks who Foyer says you are.' },
};

/** `isSeeded` says that all of it was there once: what an administrator changed or deleted since then stays so. */
export async function seedDemo(store: Store, network: SampleNetwork, isSeeded: boolean): Promise<void> {
  if (isSeeded) await follow(store, network);
  else await seed(store, network);
}

/** A seed that was cut short is done again, over what is there. */
async function seed(store: Store, network: SampleNetwork): Promise<void> {
  const userIds = new Map<string, string>();
  for (const { email, name, role, password } of USERS) {
    const input = { email, name, role, password };
    userIds.set(email, (await findUser(store, email)) ?? saved(await saveUser(store, SYSTEM, null, input)));
  }
  const siteId = saved(await saveSite(store, SYSTEM, (await findSite(store))?.id ?? null, siteInput(network)));
  const known = await appsByHost(store);
  for (const app of APPS) {
    const input = {
      ...APP_TEXTS[app],
      hosts: HOSTS[app],
      siteId,
      upstream: upstreamOf(app, network),
      identityHeaders: app === 'mirror' ? [] : ['remote'],
    };
    const id = saved(await saveApp(store, SYSTEM, known.get(HOSTS[app][0])?.id ?? null, input));
    const people = USERS.filter(({ apps }) => apps.includes(app));
    const assignments = people.map(({ email }) => ({ kind: 'user', userId: userIds.get(email) }));
    saved(await setAssignments(store, SYSTEM, id, assignments));
  }
}

/** The parts may listen elsewhere than last time, when another program took a port. */
async function follow(store: Store, network: SampleNetwork): Promise<void> {
  const site = await findSite(store);
  if (!site) return;
  const { id: siteId, ...current } = site;
  const { dnsServers, endpoints } = siteInput(network);
  const moved = { ...current, dnsServers, endpoints };
  if (!isDeepStrictEqual(current, moved)) saved(await saveSite(store, SYSTEM, siteId, moved));
  const known = await appsByHost(store);
  for (const app of APPS) {
    const found = known.get(HOSTS[app][0]);
    const { host, port } = upstreamOf(app, network);
    if (found?.siteId !== siteId || found.upstream.host !== host || found.upstream.port === port) continue;
    const { id, ...input } = found;
    saved(await saveApp(store, SYSTEM, id, { ...input, upstream: { ...input.upstream, port } }));
  }
}

function siteInput({ endpoints }: SampleNetwork): Omit<Site, 'id'> {
  const apps = APPS.map((app) => endpoints[app]);
  // Loopback addresses are nobody's private network: each is allowed by its exact address and port.
  return { name: SITE_NAME, dnsServers: [endpoints.nameserver], zones: [ZONE], ranges: [], endpoints: apps };
}

function upstreamOf(app: DemoApp, { endpoints }: SampleNetwork): { scheme: 'http'; host: string; port: number } {
  return { scheme: 'http', host: `${app === 'ops' ? 'board' : app}.${ZONE}`, port: endpoints[app].port };
}

async function findSite(store: Store): Promise<Site | null> {
  const listed = await listSites(store, SYSTEM, { search: SITE_NAME });
  return (listed.kind === 'listed' ? listed.rows.find(({ site }) => site.name === SITE_NAME)?.site : null) ?? null;
}

async function findUser(store: Store, email: string): Promise<string | null> {
  const listed = await listUsers(store, SYSTEM, { search: email });
  return (listed.kind === 'listed' ? listed.rows.find((user) => user.email === email)?.id : null) ?? null;
}

async function appsByHost(store: Store): Promise<Map<string, App>> {
  const listed = await listApps(store, SYSTEM, { limit: 100 });
  const apps = listed.kind === 'listed' ? listed.rows.flatMap((line) => (line.kind === 'app' ? [line.app] : [])) : [];
  return new Map(apps.flatMap((app) => app.hosts.map((host) => [host, app] as const)));
}

function saved(result: Saved): string {
  if (result.kind === 'saved') return result.id;
  throw new Error(`The demo could not be filled: ${JSON.stringify(result)}`);
}
