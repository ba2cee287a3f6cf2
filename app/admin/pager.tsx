// The way through a list that is longer than a page.
import { useTranslations } from 'next-intl';
import { PAGE_SIZE } from './list-query.ts';

/** `filters`: what else the address holds. */
export function Pager(props: { total: number; page: number; search: string; filters?: Record<string, string> }) {
  const { total, page, search, filters } = props;
  const t = useTranslations('common');
  const last = Math.max(1, Math.ceil(total / PAGE_SIZE));
  if (last === 1) return null;
  const href = (to: number) =>
    `?${new URLSearchParams({ ...filters, ...(search ? { q: search } : {}), page: String(to) })}`;
  return (
    <nav aria-label={t('pages')} className="mt-4 flex items-center gap-3 text-sm text-muted">
      {page > 1 && (
        <a className="button" href={href(page - 1)}>
          {t('previousPage')}
        </a>
      )}
      <span>
        {t('page', { page, pages: last })}, {t('total', { count: total })}
      </span>
      {page < last && (
        <a className="button" href={href(page + 1)}>
          {t('nextPage')}
        </a>
      )}
    </nav>
  );
}
