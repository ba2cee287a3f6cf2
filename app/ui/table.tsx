// A list of things. On a narrow screen every line becomes a small card: the columns stand below each other, each with its name.
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';

export function Table({ label, heads, children }: { label: string; heads: readonly string[]; children: ReactNode }) {
  const t = useTranslations('common');
  return (
    <div className="card overflow-hidden">
      <table aria-label={label} className="w-full border-collapse text-sm">
        <thead className="max-md:sr-only">
          <tr className="border-b border-line text-[0.8125rem] text-muted">
            {heads.map((head) => (
              <th key={head} scope="col" className="px-4 py-2.5 text-start font-medium">
                {head || <span className="sr-only">{t('actions')}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">{children}</tbody>
      </table>
    </div>
  );
}

export function Row({ children }: { children: ReactNode }) {
  return <tr className="block py-2.5 hover:bg-sunken md:table-row">{children}</tr>;
}

/** `name` is said where the heads are not seen; leave it out where the content speaks for itself. */
export function Cell(props: { children: ReactNode; name?: string; className?: string }) {
  return (
    <td
      className={`block min-w-0 px-4 py-0.5 align-top break-words md:table-cell md:py-3 ${props.name ? 'max-md:flex max-md:gap-3' : ''} ${props.className ?? ''}`}
    >
      {props.name && (
        <span aria-hidden className="w-28 flex-none hyphens-auto text-muted md:hidden">
          {props.name}
        </span>
      )}
      {props.name ? <div className="min-w-0">{props.children}</div> : props.children}
    </td>
  );
}
