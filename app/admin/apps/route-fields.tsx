// Paths of an app that other upstreams serve.
'use client';
import { Plus, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { Field, FieldError } from '../../ui/field.tsx';
import { useRows } from '../form/rows.ts';
import type { ShownRoute } from './shown-app.ts';
import { UpstreamFields } from './upstream-fields.tsx';

type Props = { routes: readonly ShownRoute[]; errors: Record<string, string> };

const LIST = 'traffic.routes';

export function RouteFields({ routes, errors }: Props) {
  const t = useTranslations('apps.form');
  const { rows, add, remove } = useRows(routes);
  return (
    <div className="grid min-w-0 gap-4">
      <p className="text-[0.8125rem] text-muted">{t('paths.about')}</p>
      {rows.map(({ key, value }, at) => {
        const path = `${LIST}.${at}`;
        return (
          <fieldset key={key} className="grid min-w-0 gap-4 rounded-lg border border-line p-3.5">
            <legend className="sr-only">{t('paths.one', { number: at + 1 })}</legend>
            <div className="flex items-start gap-2">
              <div className="min-w-0 grow">
                <Field
                  label={t('paths.one', { number: at + 1 })}
                  name={`${path}.prefix`}
                  defaultValue={value?.prefix}
                  placeholder="/api"
                  spellCheck={false}
                  autoCapitalize="none"
                  autoComplete="off"
                  error={errors[`${path}.prefix`] ?? errors[path]}
                />
              </div>
              <button
                type="button"
                className="button mt-[1.625rem] px-2.5"
                data-kind="quiet"
                aria-label={t('paths.remove', { number: at + 1 })}
                onClick={() => remove(key)}
              >
                <X size={16} aria-hidden />
              </button>
            </div>
            <UpstreamFields path={`${path}.upstream`} upstream={value?.upstream} errors={errors} />
          </fieldset>
        );
      })}
      <FieldError id={`field-${LIST}`} error={errors[LIST]} />
      <div>
        <button type="button" className="button" data-kind="quiet" onClick={add}>
          <Plus size={16} aria-hidden />
          {t('paths.add')}
        </button>
      </div>
    </div>
  );
}
