// How far back the dashboard looks: links, so that a view has an address.
import { useTranslations } from 'next-intl';
import { RANGES, type Range } from '#server/core/plot-range.ts';
import { PageLink } from '../../ui/page-link.tsx';

export function RangeSwitch({ current }: { current: Range }) {
  const t = useTranslations('dashboard.ranges');
  return (
    <nav aria-label={t('label')} className="flex flex-wrap rounded-lg border border-line bg-surface p-0.5 text-sm">
      {RANGES.map((range) => (
        <PageLink
          key={range}
          href={`/admin?range=${range}`}
          aria-current={range === current ? 'page' : undefined}
          className="rounded-md px-2.5 py-1 whitespace-nowrap text-muted hover:text-text aria-[current]:bg-sunken aria-[current]:font-medium aria-[current]:text-text forced-colors:aria-[current]:underline"
        >
          {t(range)}
        </PageLink>
      ))}
    </nav>
  );
}
