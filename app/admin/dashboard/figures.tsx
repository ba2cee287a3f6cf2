// The four numbers that one looks at first.
import { useFormatter, useTranslations } from 'next-intl';
import type { Dashboard } from '#server/store/dashboard.ts';
import { valueText } from '../../ui/plot/plot-text.ts';

export function Figures({ dashboard }: { dashboard: Dashboard }) {
  const t = useTranslations('dashboard.figures');
  const format = useFormatter();
  const { people, traffic } = dashboard;
  const requests = sum(traffic.requests);
  const failures = sum(traffic.failures);
  const refusals = dashboard.refusals.reduce((all, { total }) => all + total, 0);
  const share = requests === 0 ? 0 : failures / requests;
  const slowest = traffic.p95.findLast((value) => value !== null) ?? null;
  const figures = [
    ['requests', format.number(requests), ''],
    ['people', format.number(people.total), ''],
    ['failures', format.number(failures), requests === 0 ? '' : percent(share)],
    ['refusals', format.number(refusals), ''],
    ['latency', valueText(format, slowest, 'ms'), ''],
  ] as const;
  function percent(value: number): string {
    return format.number(value, { style: 'percent', maximumSignificantDigits: 2 });
  }
  return (
    <dl className="card mb-5 grid grid-cols-2 gap-x-6 gap-y-4 px-4 py-3.5 sm:grid-cols-3 xl:grid-cols-5">
      {figures.map(([key, value, more]) => (
        <div key={key} className="min-w-0">
          <dt className="text-[0.8125rem] text-muted">{t(key)}</dt>
          <dd className="text-xl font-semibold tracking-tight tabular-nums">
            {value} {more && <span className="text-sm font-normal text-muted">{more}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
