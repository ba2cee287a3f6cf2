// The dashboard's plots: traffic, people, how fast apps answer, what did not go well, and how gateways are.
import { useTranslations } from 'next-intl';
import { FAULTS, type FaultCode } from '#server/core/fault.ts';
import type { Range } from '#server/core/plot-range.ts';
import { type Dashboard, OTHER_REASONS } from '#server/store/dashboard.ts';
import { Plot } from '../../ui/plot/plot.tsx';
import { useAuditWords } from '../audit/use-audit-words.ts';
import { perSecond } from './per-second.ts';

export function Plots({ dashboard, range, now }: { dashboard: Dashboard; range: Range; now: number }) {
  const t = useTranslations('dashboard');
  const { faults, gateways, people, refusals, stepMs, steps, traffic } = dashboard;
  const rate = (counts: readonly number[]) => perSecond(counts, steps, stepMs, now);
  const words = useAuditWords();
  // A word of another release is shown as it is.
  const reasonName = (word: string): string => {
    if (word === OTHER_REASONS) return t('other');
    return Object.hasOwn(FAULTS, word) ? t(`faultNames.${word as FaultCode}`) : words.reason(word);
  };
  const named = (lines: Dashboard['refusals']) =>
    lines.map(({ reason, counts }) => ({ name: reasonName(reason), values: counts }));
  const ofGateways = (pick: (gateway: Dashboard['gateways'][number]) => readonly (number | null)[]) =>
    gateways
      .slice(0, SHOWN_GATEWAYS)
      .map((each) => ({ name: t('gateway', { number: each.gateway }), values: pick(each) }));
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <Plot
        title={t('traffic')}
        isWide
        steps={steps}
        unit="rate"
        empty={t('noTraffic')}
        series={[
          { name: t('requests'), values: rate(traffic.requests) },
          { name: t('failures'), values: rate(traffic.failures) },
        ]}
      />
      <Plot
        title={t(`peopleBy.${range}`)}
        steps={people.steps}
        unit="count"
        empty={t('noPeople')}
        series={[{ name: t('people'), values: people.counts }]}
      />
      <Plot
        title={t('latency')}
        steps={steps}
        unit="ms"
        empty={t('noLatency')}
        series={[
          { name: t('p50'), values: traffic.p50 },
          { name: t('p95'), values: traffic.p95 },
        ]}
      />
      <Plot title={t('refusals')} steps={steps} unit="count" empty={t('noRefusals')} isNamed series={named(refusals)} />
      <Plot title={t('faults')} steps={steps} unit="count" empty={t('noFaults')} isNamed series={named(faults)} />
      <Plot
        title={t('loopDelay')}
        steps={steps}
        unit="ms"
        empty={t('noGateways')}
        series={ofGateways(({ loopP99 }) => loopP99)}
      />
      <Plot
        title={t('memory')}
        steps={steps}
        unit="bytes"
        empty={t('noGateways')}
        series={ofGateways(({ rss }) => rss)}
      />
    </div>
  );
}

/** As many as there are kinds of lines. */
const SHOWN_GATEWAYS = 6;
