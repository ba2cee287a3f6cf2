// The table of apps: heads that sort, lines that can be chosen, what to do with the chosen ones, and what was done last.
'use client';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { AppSort } from '#server/core/app-list.ts';
import type { OpenUndo } from '#server/store/undo.ts';
import { PageLink } from '../../../ui/page-link.tsx';
import type { ShownLine } from './app-line.ts';
import { AppRow } from './app-row.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { type AppListQuery, listHref } from './list-query.ts';
import { UndoBar } from './undo-bar.tsx';
import { useBulk } from './use-bulk.ts';
import { useSelection } from './use-selection.ts';

type Props = {
  lines: readonly ShownLine[];
  total: number;
  query: AppListQuery;
  categories: readonly string[];
  /** What this person did last, as the store knows it. */
  undo: OpenUndo | null;
  canChange: boolean;
  canPlace: boolean;
};

export function AppsTable({ lines, total, query, categories, undo, canChange, canPlace }: Props) {
  const t = useTranslations('apps');
  const selection = useSelection(
    lines.map(({ id }) => id),
    total,
  );
  const bulk = useBulk(undo);
  const isPageChosen = lines.length > 0 && lines.every(({ id }) => selection.ids.has(id));
  const isSomeChosen = selection.count > 0 && !isPageChosen;
  const chosen = () =>
    selection.isAll
      ? { kind: 'matching' as const, filter: query.filter }
      : { kind: 'these' as const, ids: [...selection.ids] };
  const head = (sort: AppSort, label: string) => <SortHead key={sort} sort={sort} query={query} label={label} />;

  return (
    <>
      {lines.length > 0 && (
        <div className="card overflow-hidden">
          {canChange && selection.count > 0 && isPageChosen && total > lines.length && (
            <p className="border-b border-line bg-accent-soft px-4 py-2 text-sm">
              {selection.isAll
                ? t('select.allChosen', { count: total })
                : t('select.pageChosen', { count: lines.length })}{' '}
              {!selection.isAll && (
                <button type="button" className="link font-medium" onClick={selection.chooseAll}>
                  {t('select.chooseAll', { count: total })}
                </button>
              )}
            </p>
          )}
          <table aria-label={t('title')} className="w-full border-collapse text-sm">
            <thead className="max-md:sr-only">
              <tr className="border-b border-line text-start text-[0.8125rem] text-muted">
                {canChange && (
                  <th scope="col" className="w-10 py-2.5 ps-4 text-start">
                    <input
                      type="checkbox"
                      aria-label={t('select.page')}
                      checked={isPageChosen}
                      ref={(box) => {
                        if (box) box.indeterminate = isSomeChosen;
                      }}
                      onChange={(event) => selection.togglePage(event.target.checked)}
                    />
                  </th>
                )}
                {head('name', t('head.app'))}
                {head('state', t('head.state'))}
                {head('site', t('head.where'))}
                {head('category', t('head.category'))}
                <Head>{t('head.who')}</Head>
                {head('changed', t('head.changed'))}
                {canPlace && (
                  <Head>
                    <span className="sr-only">{t('head.actions')}</span>
                  </Head>
                )}
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {lines.map((line) => (
                <AppRow
                  key={line.id}
                  line={line}
                  canPlace={canPlace}
                  isChosen={selection.ids.has(line.id)}
                  onChoose={canChange ? (isOn, isStretch) => selection.toggle(line.id, isOn, isStretch) : null}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {selection.count > 0 && (
        <BulkBar
          count={selection.count}
          categories={categories}
          bulk={bulk}
          onChange={async (change) => {
            const result = await bulk.send(chosen(), change);
            if (result === null) selection.clear();
            return result;
          }}
          onClear={selection.clear}
        />
      )}
      <UndoBar bulk={bulk} />
    </>
  );
}

function Head({ children, sorted }: { children: ReactNode; sorted?: 'ascending' | 'descending' }) {
  return (
    <th scope="col" aria-sort={sorted} className="px-4 py-2.5 text-start font-medium">
      {children}
    </th>
  );
}

function SortHead({ sort, query, label }: { sort: AppSort; query: AppListQuery; label: string }) {
  const isSorted = query.sort === sort;
  const Arrow = query.descending ? ArrowDown : ArrowUp;
  // The newest change is what people look for first.
  const descending = isSorted ? !query.descending : sort === 'changed';
  return (
    <Head {...(isSorted ? { sorted: query.descending ? ('descending' as const) : ('ascending' as const) } : {})}>
      <PageLink
        href={listHref(query, { sort, descending })}
        className="inline-flex items-center gap-1 hover:text-text aria-[current]:text-text"
        aria-current={isSorted ? 'true' : undefined}
        scroll={false}
      >
        {label}
        {isSorted && <Arrow size={13} aria-hidden />}
      </PageLink>
    </Head>
  );
}
