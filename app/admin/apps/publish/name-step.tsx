// First: what the app is, what people will type, and whether that name leads here yet.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import { APP_TEMPLATES, templateOf } from '#server/core/app-templates.ts';
import { AreaField, Field } from '../../../ui/field.tsx';
import { useProblem } from '../../form/use-problem.ts';
import { checkNameAction } from '../probe-actions.ts';
import { DnsCheck } from './dns-check.tsx';
import { StepBar, type StepProps } from './wizard.tsx';

export function NameStep({ place, draft, change, errors, setErrors, go }: StepProps) {
  const t = useTranslations('apps.publish');
  const problemOf = useProblem();
  const [isBusy, setBusy] = useState(false);

  function choose(key: string | null) {
    const before = templateOf(draft.template);
    const template = templateOf(key);
    change({
      template: key,
      // A name that was typed stays.
      ...(draft.name === '' || draft.name === before?.name ? { name: template?.name ?? '' } : {}),
      ...(template ? { scheme: template.scheme, port: String(template.port) } : {}),
    });
  }

  async function onSubmit(event: FormEvent) {
    event.preventDefault();
    const found: Record<string, string> = {};
    if (draft.name.trim() === '') found.name = t('nameMissing');
    setBusy(true);
    const checked = await checkNameAction(draft.host).catch(() => null);
    setBusy(false);
    if (checked?.kind === 'invalid') found['hosts.0'] = checked.errors.host ?? '';
    else if (checked?.kind !== 'saved') found[''] = problemOf(checked);
    setErrors(found);
    if (Object.keys(found).length === 0) go('upstream');
  }

  return (
    <form onSubmit={(event) => void onSubmit(event)} noValidate className="grid gap-5">
      {errors[''] && (
        <p role="alert" tabIndex={-1} className="rounded-lg bg-danger-soft px-3 py-2.5 text-sm text-danger">
          {errors['']}
        </p>
      )}
      <fieldset className="min-w-0">
        <legend className="mb-1.5 text-sm font-medium">{t('which')}</legend>
        <div className="grid grid-cols-2 gap-2 sm:grid-cols-4">
          {[...APP_TEMPLATES, null].map((template) => (
            <label
              key={template?.key ?? 'other'}
              className="card flex cursor-pointer items-center gap-2 px-3 py-2 text-[0.9375rem] has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-offset-1"
            >
              <input
                type="radio"
                name="template"
                className="sr-only"
                checked={draft.template === (template?.key ?? null)}
                onChange={() => choose(template?.key ?? null)}
              />
              {template?.name ?? t('another')}
            </label>
          ))}
        </div>
      </fieldset>
      <Field
        label={t('name')}
        name="name"
        maxLength={80}
        value={draft.name}
        onChange={(event) => change({ name: event.target.value })}
        error={errors.name}
        hint={t('nameHint')}
      />
      <Field
        label={t('host')}
        name="host"
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        placeholder="wiki.corp.example"
        value={draft.host}
        onChange={(event) => change({ host: event.target.value })}
        error={errors['hosts.0']}
        hint={t('hostHint')}
      />
      <DnsCheck host={draft.host} gatewayName={place.gatewayName} hasAliases={place.hasAliases} />
      <details className="min-w-0" open={draft.description !== '' || draft.category !== ''}>
        <summary className="cursor-pointer text-sm text-muted hover:text-text">{t('more')}</summary>
        <div className="mt-4 grid gap-5">
          <AreaField
            label={t('description')}
            name="description"
            rows={2}
            optional
            value={draft.description}
            onChange={(event) => change({ description: event.target.value })}
            error={errors.description}
          />
          <Field
            label={t('category')}
            name="category"
            optional
            maxLength={40}
            list="publish-categories"
            value={draft.category}
            onChange={(event) => change({ category: event.target.value })}
            error={errors.category}
          />
          <datalist id="publish-categories">
            {place.categories.map((each) => (
              <option key={each} value={each} />
            ))}
          </datalist>
        </div>
      </details>
      <StepBar next={isBusy ? t('checking') : t('on')} isBusy={isBusy} />
    </form>
  );
}
