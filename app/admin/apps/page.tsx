// The catalogue: every app, how it stands, where it leads and who may open it; found, sorted and changed many at once.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { listApps, listCategories } from '#server/store/apps.ts';
import { listOwners } from '#server/store/assignees.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { latestUndo, listDeleted } from '#server/store/undo.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { type Admin, enter, granted } from '../enter.ts';
import { PAGE_SIZE } from '../list-query.ts';
import { shownLine } from './list/app-line.ts';
import { AppsTable } from './list/apps-table.tsx';
import { FilterForm } from './list/filter-form.tsx';
import { type AppListParams, type AppListQuery, isFiltered, listHref, readListQuery } from './list/list-query.ts';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('apps'))('title') };
}

/** So long what was done stays at hand to be taken back. */
const UNDO_SHOWN_MS = 10 * 60_000;

export default async function AppsPage({ searchParams }: { searchParams: AppListParams }) {
  const admin = await enter('apps.read');
  const { store, actor, can } = admin;
  const t = await getTranslations('apps');
  const query = await readListQuery(searchParams);
  const [listed, categories, undo, deleted] = await Promise.all([
    listApps(store, actor, { ...query.filter, ...query }),
    listCategories(store, actor),
    latestUndo(store, actor, UNDO_SHOWN_MS),
    can('apps.write') ? listDeleted(store, actor, { limit: 1 }) : null,
  ]);
  const { rows, total } = granted(listed);
  const { sitesById } = portalContext().snapshot();
  const kept = deleted?.kind === 'listed' ? deleted.total : 0;
  return (
    <>
      <PageHead title={t('title')} about={t('about')}>
        {can('apps.place') && (
          <PageLink className="button" data-kind="primary" href="/admin/apps/publish">
            {t('add')}
          </PageLink>
        )}
      </PageHead>
      {(total > 0 || isFiltered(query.filter)) && (
        <FilterForm
          query={query}
          sites={sitesOf(admin)}
          categories={categories}
          owners={await listOwners(store, actor)}
          isOwnList={!can('apps.place') && !can('sites.read')}
        />
      )}
      {rows.length === 0 && (
        <Empty title={isFiltered(query.filter) ? t('noneMatch') : t('none')}>
          {isFiltered(query.filter) ? (
            <PageLink className="link" href="/admin/apps">
              {t('showAll')}
            </PageLink>
          ) : (
            t('noneAbout')
          )}
        </Empty>
      )}
      <AppsTable
        lines={rows.map((line) => shownLine(line, (id) => sitesById.get(id)?.name ?? t('noSite')))}
        total={total}
        query={query}
        categories={categories}
        undo={undo}
        canChange={can('apps.write')}
        canPlace={can('apps.place')}
      />
      <Pages total={total} query={query} texts={{ pages: t('pages'), previous: t('previous'), next: t('next') }}>
        {t('page', { page: query.page, pages: Math.max(1, Math.ceil(total / PAGE_SIZE)), total })}
      </Pages>
      {kept > 0 && (
        <p className="mt-6 text-sm">
          <PageLink className="link" href="/admin/apps/deleted">
            {t('deletedLink', { count: kept })}
          </PageLink>
        </p>
      )}
    </>
  );
}

function Pages(props: {
  total: number;
  query: AppListQuery;
  texts: { pages: string; previous: string; next: string };
  children: string;
}) {
  const { query, texts, total } = props;
  const last = Math.ceil(total / PAGE_SIZE);
  if (last <= 1) return null;
  return (
    <nav aria-label={texts.pages} className="mt-4 flex items-center gap-3 text-sm text-muted">
      {query.page > 1 && (
        <PageLink className="button" href={listHref(query, { page: query.page - 1 })}>
          {texts.previous}
        </PageLink>
      )}
      <span>{props.children}</span>
      {query.page < last && (
        <PageLink className="button" href={listHref(query, { page: query.page + 1 })}>
          {texts.next}
        </PageLink>
      )}
    </nav>
  );
}

function sitesOf({ can }: Admin): { id: string; name: string }[] {
  if (!can('sites.read')) return [];
  const sites = [...portalContext().snapshot().sitesById.values()];
  return sites.map(({ id, name }) => ({ id, name })).sort((a, b) => a.name.localeCompare(b.name));
}
