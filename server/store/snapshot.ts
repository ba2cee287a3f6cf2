// Reads the whole catalogue at one revision and compiles it. A row that cannot be understood disables its own app only.
import { aliasesOf } from '#server/core/alias.ts';
import { buildSnapshot, type CatalogueEntry, type Snapshot, type SnapshotProblem } from '#server/core/snapshot.ts';
import { aliasLabels } from './alias-labels.ts';
import { type CatalogueRow, loadCatalogue } from './catalogue.ts';
import type { ClientKeys } from './client-certificate.ts';
import { readRevision } from './feed.ts';
import type { Store } from './handle.ts';
import { readSetting } from './settings.ts';
import { readSite } from './site-row.ts';

/** `clientKeys`: only what dials upstreams has them opened; elsewhere they are empty. */
export async function loadSnapshot(
  store: Store,
  clientKeys: ClientKeys['mode'] = 'left-out',
): Promise<{ snapshot: Snapshot; problems: readonly SnapshotProblem[] }> {
  const rows = await store.db
    .transaction()
    .setAccessMode('read only')
    .execute(async (trx) => ({
      revision: await readRevision(trx),
      brand: (await readSetting(trx, 'brand')).value,
      aliases: (await readSetting(trx, 'aliases')).value,
      sites: await trx.selectFrom('sites').selectAll().orderBy('id').execute(),
      // The older app keeps a host that two claim.
      apps: await loadCatalogue(trx, await trx.selectFrom('apps').selectAll().orderBy('id').execute(), 'all', {
        secret: store.secret,
        mode: clientKeys,
      }),
    }));
  const sites = new Map(rows.sites.map((row) => [row.id, readSite(row)]));
  return buildSnapshot({
    revision: rows.revision,
    portal: store.portal,
    brand: rows.brand,
    aliases: aliasesOf(
      rows.aliases,
      new Map(rows.apps.map(({ row }) => [row.id, row.alias_round])),
      aliasLabels(store, rows.apps.length),
    ),
    catalogue: rows.apps.map((row) => entryOf(row, sites)),
    sites: [...sites.values()].flatMap((site) => (site.kind === 'read' ? [site.value] : [])),
  });
}

function entryOf(
  { row, app, assignments, problem }: CatalogueRow,
  sites: ReadonlyMap<string, ReturnType<typeof readSite>>,
): CatalogueEntry {
  if (!app) return { kind: 'invalid', appId: row.id, problem };
  const site = sites.get(app.siteId);
  if (site?.kind === 'unreadable') return { kind: 'invalid', appId: row.id, problem: `Its site: ${site.problem}` };
  // The site's own text, so that it is found by a look at one object from each of its apps.
  return { kind: 'app', app: site ? { ...app, siteId: site.value.id } : app, assignments };
}
