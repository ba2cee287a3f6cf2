// Writes a catalogue into a store, running or not, as an operator at the machine does. Reads JSON on stdin, prints ids as JSON.
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { parseHostname } from '#server/core/hostname.ts';
import { parsePortal } from '#server/core/snapshot.ts';
import { deleteApp, listApps, saveApp, setAssignments } from '#server/store/apps.ts';
import { listGroups, saveGroup, setMembers } from '#server/store/groups.ts';
import { openStore } from '#server/store/handle.ts';
import { saveProvider } from '#server/store/providers.ts';
import type { Actor, Listed, Saved } from '#server/store/saved.ts';
import { loadSecret } from '#server/store/secret.ts';
import { listSites, saveSite } from '#server/store/sites.ts';
import { listUsers, saveUser } from '#server/store/users.ts';
import type { Catalogue, Seeded, SeedTarget } from './catalogue.ts';

const OPERATOR: Actor = { kind: 'system' };

const { dataDir, portalUrl, catalogue }: SeedTarget & { catalogue: Catalogue } = JSON.parse(await text(process.stdin));
const portal = parsePortal(portalUrl, parseHostname);
const loaded = loadSecret({ env: {}, dataDir });
if (!portal || loaded.kind === 'invalid') throw new Error(`no portal or no secret: ${portalUrl}, ${dataDir}`);
const store = await openStore({ dataDir, secret: loaded.secret, now: Date.now, portal });
const seeded: Seeded = { ids: {}, refusals: {}, savedAt: 0 };

await remember(listUsers(store, OPERATOR), (row) => [row.email, row.id]);
await remember(listGroups(store, OPERATOR), (row) => [row.name, row.id]);
await remember(listSites(store, OPERATOR), (row) => [row.site.name, row.site.id]);
await remember(listApps(store, OPERATOR), (row) =>
  row.kind === 'app' ? [row.app.name, row.app.id] : [row.name, row.id],
);

for (const provider of catalogue.providers ?? []) {
  note(provider.name, await saveProvider(store, OPERATOR, null, provider));
}
for (const { provider, ...user } of catalogue.users ?? []) {
  note(user.email, await saveUser(store, OPERATOR, null, { ...user, providerId: provider ? idOf(provider) : null }));
}
for (const { name, members } of catalogue.groups ?? []) {
  note(name, await saveGroup(store, OPERATOR, seeded.ids[name] ?? null, { name }));
  note(name, await setMembers(store, OPERATOR, idOf(name), members.map(idOf)));
}
for (const site of catalogue.sites ?? []) {
  note(site.name, await saveSite(store, OPERATOR, seeded.ids[site.name] ?? null, site));
}
for (const { site, access, ...app } of catalogue.apps ?? []) {
  const saved = await saveApp(store, OPERATOR, seeded.ids[app.name] ?? null, { ...app, siteId: idOf(site) });
  note(app.name, saved);
  if (saved.kind === 'saved') note(app.name, await setAssignments(store, OPERATOR, saved.id, access.map(assignment)));
}
for (const name of catalogue.goneApps ?? []) note(name, await deleteApp(store, OPERATOR, idOf(name)));
seeded.savedAt = Date.now();
await store.close();
console.log(JSON.stringify(seeded));

function assignment(who: string) {
  if (who === 'everyone') return { kind: 'everyone' };
  return who.includes('@') ? { kind: 'user', userId: idOf(who) } : { kind: 'group', groupId: idOf(who) };
}

function note(name: string, saved: Saved): void {
  if (saved.kind === 'saved') seeded.ids[name] = saved.id;
  else seeded.refusals[name] = saved.kind === 'invalid' ? Object.values(saved.errors).join(' ') : JSON.stringify(saved);
}

function idOf(name: string): string {
  const id = seeded.ids[name];
  if (!id) throw new Error(`“${name}” is not in the catalogue: ${JSON.stringify(seeded)}`);
  return id;
}

async function remember<Row>(
  listing: Promise<Listed<Row>>,
  entry: (row: Row) => [name: string, id: string],
): Promise<void> {
  const listed = await listing;
  if (listed.kind !== 'listed') throw new Error('the operator may read everything');
  for (const row of listed.rows) {
    const [name, id] = entry(row);
    seeded.ids[name] = id;
  }
}
