// Views: which clients of DNS are told which addresses.
'use client';
import { Plus, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { type ClusterSettings, SIDES } from '#server/core/cluster.ts';
import { Field, SelectField } from '../../ui/field.tsx';
import type { Rows } from '../form/rows.ts';

type Props = { views: Rows<ClusterSettings['views'][number]>; error(path: string): string | undefined };

export function ViewFields({ views: { rows, add, remove }, error }: Props) {
  const t = useTranslations('gateways.form');
  return (
    <div className="grid min-w-0 gap-4">
      {rows.map(({ key, value }, at) => (
        <fieldset key={key} className="min-w-0">
          <legend className="sr-only">{t('view', { number: at + 1 })}</legend>
          <div className="grid items-start gap-2 sm:grid-cols-[minmax(0,1fr)_12rem_auto]">
            <Field
              label={t('subnets')}
              name={`views.${key}.subnets`}
              defaultValue={value?.subnets.join(', ')}
              placeholder="10.10.10.0/24"
              spellCheck={false}
              autoComplete="off"
              error={error(`views.${at}.subnets`)}
            />
            <SelectField
              label={t('areTold')}
              name={`views.${key}.side`}
              defaultValue={value?.side ?? 'nat'}
              error={error(`views.${at}.side`)}
            >
              {SIDES.map((side) => (
                <option key={side} value={side}>
                  {t(`sides.${side}`)}
                </option>
              ))}
            </SelectField>
            <button
              type="button"
              className="button px-2.5 sm:mt-[1.625rem]"
              data-kind="quiet"
              aria-label={t('removeView', { number: at + 1 })}
              onClick={() => remove(key)}
            >
              <X size={16} aria-hidden />
            </button>
          </div>
        </fieldset>
      ))}
      <div>
        <button type="button" className="button" data-kind="quiet" onClick={add}>
          <Plus size={16} aria-hidden />
          {t('addView')}
        </button>
      </div>
    </div>
  );
}
