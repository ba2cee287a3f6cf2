// The audit's filters: an ordinary GET form, so that what one looks at has an address to send to a colleague.
import { useTimeZone, useTranslations } from 'next-intl';
import type { AuditFilters } from '#server/store/audit.ts';
import { localOf } from '../../i18n/zoned-time.ts';
import { ZoneName } from '../../ui/time.tsx';
import { useAuditWords, type WordOption } from './use-audit-words.ts';

const TEXTS = ['person', 'supportId', 'object', 'address'] as const;
const MORE = ['object', 'reason', 'address', 'level', 'from', 'to'] as const;

export function AuditFilterForm({ filters }: { filters: AuditFilters }) {
  const t = useTranslations('audit');
  const zone = useTimeZone() ?? 'UTC';
  const words = useAuditWords();
  const isMore = MORE.some((name) => filters[name] !== undefined);
  const text = (name: (typeof TEXTS)[number]) => (
    <input
      name={name}
      defaultValue={filters[name]}
      aria-label={t(`filters.${name}`)}
      placeholder={t(`filters.${name}Example`)}
      spellCheck={false}
      autoCapitalize="none"
      className="field"
    />
  );
  const choice = (name: 'action' | 'reason', any: string, options: readonly WordOption[]) => (
    <select name={name} defaultValue={filters[name] ?? ''} aria-label={t(`filters.${name}`)} className="field">
      <option value="">{any}</option>
      {options.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
  const moment = (name: 'from' | 'to') => (
    <label className="grid gap-1 text-[0.8125rem] text-muted">
      {t(`filters.${name}`)}
      <input
        type="datetime-local"
        name={name}
        defaultValue={filters[name] === undefined ? '' : localOf(filters[name], zone)}
        className="field"
      />
    </label>
  );
  return (
    <search>
      <form method="get" className="mb-5 grid gap-2">
        <div className="grid gap-2 sm:grid-cols-2 xl:grid-cols-[1fr_1fr_1fr_10rem_auto]">
          {text('person')}
          {choice('action', t('filters.anyAction'), words.actionOptions(filters.action))}
          {text('supportId')}
          <select
            name="outcome"
            defaultValue={filters.outcome ?? ''}
            aria-label={t('filters.outcome')}
            className="field"
          >
            <option value="">{t('filters.anyOutcome')}</option>
            {(['allowed', 'refused', 'done'] as const).map((outcome) => (
              <option key={outcome} value={outcome}>
                {t(`outcomes.${outcome}`)}
              </option>
            ))}
          </select>
          <div className="flex gap-2">
            <button type="submit" className="button">
              {t('filters.apply')}
            </button>
            {Object.keys(filters).length > 0 && (
              <a className="button" data-kind="quiet" href="/admin/audit">
                {t('filters.clear')}
              </a>
            )}
          </div>
        </div>
        <details open={isMore}>
          <summary className="w-fit cursor-pointer rounded py-1 text-sm text-muted hover:text-text">
            {t('filters.more')}
          </summary>
          <div className="mt-2 grid items-end gap-2 sm:grid-cols-2 xl:grid-cols-3">
            {text('object')}
            {choice('reason', t('filters.anyReason'), words.reasonOptions(filters.reason))}
            {text('address')}
            <select name="level" defaultValue={filters.level ?? ''} aria-label={t('filters.level')} className="field">
              <option value="">{t('filters.anyLevel')}</option>
              <option value="alarm">{t('levels.alarm')}</option>
              <option value="info">{t('levels.info')}</option>
            </select>
            {moment('from')}
            {moment('to')}
          </div>
          <p className="mt-2 text-[0.8125rem] text-muted">
            {t('filters.zone')} <ZoneName />
          </p>
        </details>
      </form>
    </search>
  );
}
