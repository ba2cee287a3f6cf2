// The settings of the cluster.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import {
  type ClusterSettings,
  SELECTIONS,
  SIDES,
  type SubClusterSettings,
  WHEN_ALL_DOWN,
} from '#server/core/cluster.ts';
import { CheckField, Field, SelectField } from '../../ui/field.tsx';
import { FormProblem, SaveBar, Section } from '../form/form-parts.tsx';
import { isChecked, textOf } from '../form/form-values.ts';
import { useRows } from '../form/rows.ts';
import { useSave } from '../form/use-save.ts';
import { saveClusterAction } from './actions.ts';
import { errorAt, numberOrText, subClusterOf, viewOf } from './cluster-form-values.ts';
import { SubClusterFields } from './sub-cluster-fields.tsx';
import { ViewFields } from './view-fields.tsx';

const KNOWN = [
  ...['name', 'delegated', 'subClusters', 'views', 'otherwise', 'selection', 'whenAllDown'],
  ...['checkPort', 'maxLoadBalancers', 'maxSubClusters'],
];

/** What somebody who sets up a cluster begins with. */
const FIRST: SubClusterSettings = { label: '', nodes: [], loadBalancers: [], firstNumber: 1, lan: [], nat: [] };

type Props = { settings: ClusterSettings; updatedAt: number; isReadOnly: boolean };

export function ClusterForm({ settings, updatedAt, isReadOnly }: Props) {
  const t = useTranslations('gateways.form');
  const common = useTranslations('common');
  const save = useSave(updatedAt);
  const subClusters = useRows(settings.subClusters.length > 0 ? settings.subClusters : [FIRST]);
  const views = useRows(settings.views);
  const [selection, setSelection] = useState(settings.selection);

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = {
      name: textOf(form, 'name').trim() || null,
      delegated: isChecked(form, 'delegated'),
      subClusters: subClusters.rows.map(({ key }) => subClusterOf(form, key)),
      views: views.rows.map(({ key }) => viewOf(form, key)),
      otherwise: textOf(form, 'otherwise'),
      selection,
      whenAllDown: textOf(form, 'whenAllDown'),
      checkPort: numberOrText(textOf(form, 'checkPort')),
      maxLoadBalancers: numberOrText(textOf(form, 'maxLoadBalancers')),
      maxSubClusters: numberOrText(textOf(form, 'maxSubClusters')),
    };
    save.send(saveClusterAction(input, save.openedAt));
  }

  const error = (path: string) => errorAt(save.errors, path);
  return (
    <form onSubmit={onSubmit} noValidate>
      <FormProblem save={save} known={KNOWN} />
      <fieldset disabled={isReadOnly} className="min-w-0">
        <Section title={t('cluster')} about={t('clusterAbout')}>
          <Field
            label={t('name')}
            name="name"
            optional
            defaultValue={settings.name ?? ''}
            placeholder="gateways.corp.internal"
            spellCheck={false}
            autoCapitalize="none"
            hint={t('nameHint')}
            error={save.errors.name}
          />
          <CheckField
            label={t('delegated')}
            name="delegated"
            hint={t('delegatedHint')}
            defaultChecked={settings.delegated}
            error={save.errors.delegated}
          />
          <Field
            label={t('checkPort')}
            name="checkPort"
            optional
            inputMode="numeric"
            defaultValue={settings.checkPort ?? ''}
            hint={t('checkPortHint')}
            error={save.errors.checkPort}
          />
        </Section>
        <Section title={t('nodes')} about={t('nodesAbout')}>
          <SubClusterFields subClusters={subClusters} error={error} />
          <div className="grid gap-4 sm:grid-cols-2">
            {(['maxLoadBalancers', 'maxSubClusters'] as const).map((name) => (
              <Field
                key={name}
                label={t(name)}
                name={name}
                optional
                inputMode="numeric"
                defaultValue={settings[name] ?? ''}
                hint={t(`${name}Hint`)}
                error={save.errors[name]}
              />
            ))}
          </div>
        </Section>
        <Section title={t('views')} about={t('viewsAbout')}>
          <ViewFields views={views} error={error} />
          <SelectField
            label={t('otherwise')}
            name="otherwise"
            defaultValue={settings.otherwise}
            error={save.errors.otherwise}
          >
            {SIDES.map((side) => (
              <option key={side} value={side}>
                {t(`sides.${side}`)}
              </option>
            ))}
          </SelectField>
        </Section>
        <Section title={t('answers')} about={t('answersAbout')}>
          <SelectField
            label={t('selection')}
            name="selection"
            value={selection}
            onChange={(event) => setSelection(SELECTIONS.find((each) => each === event.target.value) ?? 'all')}
            hint={t(`selectionHints.${selection}`)}
            error={save.errors.selection}
          >
            {SELECTIONS.map((each) => (
              <option key={each} value={each}>
                {t(`selections.${each}`)}
              </option>
            ))}
          </SelectField>
          <SelectField
            label={t('whenAllDown')}
            name="whenAllDown"
            defaultValue={settings.whenAllDown}
            hint={t('whenAllDownHint')}
            error={save.errors.whenAllDown}
          >
            {WHEN_ALL_DOWN.map((each) => (
              <option key={each} value={each}>
                {t(`whenAllDowns.${each}`)}
              </option>
            ))}
          </SelectField>
        </Section>
      </fieldset>
      {!isReadOnly && <SaveBar save={save} label={common('save')} />}
    </form>
  );
}
