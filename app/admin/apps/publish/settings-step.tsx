// Third: what is proposed, each with its reason; nothing is taken that somebody switches off.
'use client';
import { useTranslations } from 'next-intl';
import type { FormEvent } from 'react';
import { templateOf } from '#server/core/app-templates.ts';
import type { Proposal } from '#server/core/proposals.ts';
import { CheckField } from '../../../ui/field.tsx';
import { currentReport, proposed } from './draft.ts';
import { StepBar, type StepProps } from './wizard.tsx';

export function SettingsStep({ draft, change, errors, go }: StepProps) {
  const t = useTranslations('apps.publish');
  const template = templateOf(draft.template);
  const report = currentReport(draft);
  const others = Object.values(errors);
  const toggle = ({ key }: Proposal, isOn: boolean) =>
    change({ off: isOn ? draft.off.filter((each) => each !== key) : [...draft.off, key] });
  return (
    <form
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        go('people');
      }}
    >
      {others.length > 0 && (
        <p role="alert" tabIndex={-1} className="mb-5 rounded-lg bg-danger-soft px-3 py-2.5 text-sm text-danger">
          {others.join(' ')}
        </p>
      )}
      {!report && <p className="mb-4 rounded-lg bg-warn-soft px-3 py-2.5 text-sm text-warn">{t('notProbed')}</p>}
      <fieldset className="card divide-y divide-line px-4">
        <legend className="sr-only">{t('heading.settings')}</legend>
        {proposed(draft).map((each) => (
          <div key={each.key} className="py-2">
            <CheckField
              label={t(`proposal.${each.key}.what`, { about: each.about })}
              hint={t(`proposal.${each.key}.why`, { about: each.about })}
              name={`proposal-${each.key}`}
              checked={!draft.off.includes(each.key)}
              onChange={(event) => toggle(each, event.target.checked)}
            />
          </div>
        ))}
      </fieldset>
      {template && (
        <section aria-labelledby="in-the-app" className="mt-6">
          <h3 id="in-the-app" className="font-medium">
            {t('inTheApp', { name: template.name })}
          </h3>
          <p className="mt-1 text-[0.9375rem] text-muted">
            {t(`template.${draft.template as 'grafana'}`, { host: draft.host.trim() })}
          </p>
        </section>
      )}
      {report?.app && report.app.internalLinks.length > 0 && !template && (
        <p className="mt-6 text-[0.9375rem] text-muted">{t('baseUrl', { host: draft.host.trim() })}</p>
      )}
      <StepBar next={t('on')} onBack={() => go('upstream')} />
    </form>
  );
}
