// The nodes of a cluster, by sub-cluster: numbers, load balancers, and the address of the first one on either side.
'use client';
import { Plus, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { numbersText, type SubClusterSettings } from '#server/core/cluster.ts';
import { Field, FieldError } from '../../ui/field.tsx';
import type { Rows } from '../form/rows.ts';

type Props = { subClusters: Rows<SubClusterSettings>; error(path: string): string | undefined };

export function SubClusterFields({ subClusters: { rows, add, remove }, error }: Props) {
  const t = useTranslations('gateways.form');
  return (
    <div className="grid min-w-0 gap-4">
      {rows.map(({ key, value }, at) => {
        const field = (name: keyof SubClusterSettings, text: string | undefined, placeholder: string) => ({
          label: t(name),
          name: `subClusters.${key}.${name}`,
          defaultValue: text,
          placeholder,
          spellCheck: false,
          autoCapitalize: 'none',
          autoComplete: 'off',
          error: error(`subClusters.${at}.${name}`),
        });
        return (
          <fieldset key={key} className="grid min-w-0 gap-4 rounded-lg border border-line p-3.5">
            <legend className="sr-only">{t('subCluster', { number: at + 1 })}</legend>
            <div className="flex items-start gap-2">
              <div className="min-w-0 grow">
                <Field {...field('nodes', value && numbersText(value.nodes), '1-3')} hint={t('nodesHint')} />
              </div>
              <button
                type="button"
                className="button mt-[1.625rem] px-2.5"
                data-kind="quiet"
                aria-label={t('removeSubCluster', { number: at + 1 })}
                onClick={() => remove(key)}
              >
                <X size={16} aria-hidden />
              </button>
            </div>
            <Field
              {...field('loadBalancers', value && numbersText(value.loadBalancers), '1, 2')}
              optional
              hint={t('loadBalancersHint')}
            />
            <div className="grid gap-4 sm:grid-cols-2">
              <Field {...field('lan', value?.lan.join(', '), '192.168.1.100/24')} hint={t('lanHint')} />
              <Field {...field('nat', value?.nat.join(', '), '10.10.10.100/24')} optional hint={t('natHint')} />
            </div>
            <div className="grid gap-4 sm:grid-cols-2">
              <Field
                {...field('firstNumber', String(value?.firstNumber ?? 1), '1')}
                inputMode="numeric"
                hint={t('firstNumberHint')}
              />
              <Field {...field('label', value?.label, 'berlin')} optional hint={t('labelHint')} />
            </div>
          </fieldset>
        );
      })}
      <FieldError id="field-subClusters" error={rows.length === 0 ? error('subClusters') : undefined} />
      <WholeError error={error} rows={rows.length} />
      <div>
        <button type="button" className="button" data-kind="quiet" onClick={add}>
          <Plus size={16} aria-hidden />
          {t('addSubCluster')}
        </button>
      </div>
    </div>
  );
}

/** What is said of the list as a whole, where it is no sentence of one of its fields. */
function WholeError({ error, rows }: { error(path: string): string | undefined; rows: number }) {
  const ofFields = Array.from({ length: rows }, (_, at) => error(`subClusters.${at}`));
  const whole = rows > 0 ? error('subClusters') : undefined;
  return <FieldError id="field-subClusters" error={ofFields.includes(whole) ? undefined : whole} />;
}
