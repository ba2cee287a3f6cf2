// The way through a list that is longer than a page.
import { PAGE_SIZE } from './list-query.ts';

export function Pager({ total, page, search }: { total: number; page: number; search: string }) {
  const last = Math.max(1, Math.ceil(total / PAGE_SIZE));
  if (last === 1) return null;
  const href = (to: number) => `?${new URLSearchParams({ ...(search ? { q: search } : {}), page: String(to) })}`;
  return (
    <nav aria-label="Pages" className="mt-4 flex items-center gap-3 text-sm text-muted">
      {page > 1 && (
        <a className="button" href={href(page - 1)}>
          Previous
        </a>
      )}
      <span>
        Page {page} of {last}, {total} in all
      </span>
      {page < last && (
        <a className="button" href={href(page + 1)}>
          Next
        </a>
      )}
    </nav>
  );
}
