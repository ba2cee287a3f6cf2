// One finding: how bad it is, what to do, since when, and the record to copy where one mends it.
import { CircleX, TriangleAlert } from 'lucide-react';
import { useLocale, useTranslations } from 'next-intl';
import { zoneLine } from '#server/core/names-finding.ts';
import type { KeptFinding } from '#server/store/name-findings.ts';
import { sentenceIn } from '../../i18n/sentences.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Time } from '../../ui/time.tsx';

export function FindingItem({ finding }: { finding: KeptFinding }) {
  const t = useTranslations('names');
  const locale = useLocale();
  const { firstSeen, level, name, record, sentence } = finding;
  const Icon = level === 'error' ? CircleX : TriangleAlert;
  const line = record && zoneLine(record);
  return (
    <li className="flex gap-3 py-3.5">
      <Icon
        size={18}
        aria-label={t(level)}
        className={`mt-0.5 flex-none ${level === 'error' ? 'text-danger' : 'text-warn'}`}
      />
      <div className="min-w-0 flex-1">
        <p className="text-[0.9375rem] break-words">{sentenceIn(locale, sentence)}</p>
        {line && (
          <div className="mt-2 flex items-center justify-between gap-3 rounded-lg bg-sunken py-1 ps-3 pe-1">
            <code className="min-w-0 text-[0.8125rem] break-all">{line}</code>
            <CopyButton text={line} label={t('copy', { name })} />
          </div>
        )}
        <p className="mt-1.5 text-[0.8125rem] text-muted">{t.rich('since', { time: () => <Time at={firstSeen} /> })}</p>
      </div>
    </li>
  );
}
