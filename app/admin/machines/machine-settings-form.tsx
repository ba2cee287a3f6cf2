// The zone of machines, its other records, and the addresses and heartbeats of machines.
'use client';
import { useTranslations } from 'next-intl';
import type { FormEvent } from 'react';
import type { MachineSettings } from '#server/store/schema/machine.ts';
import { Field } from '../../ui/field.tsx';
import { FormProblem, SaveBar, Section } from '../form/form-parts.tsx';
import { ListInput } from '../form/list-input.tsx';
import { useSave } from '../form/use-save.ts';
import { saveMachineSettingsAction } from './actions.ts';
import { lineErrors, machineSettingsOf, recordText } from './machine-settings-values.ts';

const KNOWN = ['zone', 'search', 'range', 'heartbeatSeconds', 'listedHours', 'records'];

type Props = { settings: MachineSettings; zone: string; usualZone: string; updatedAt: number; isReadOnly: boolean };

export function MachineSettingsForm({ settings, zone, usualZone, updatedAt, isReadOnly }: Props) {
  const t = useTranslations('machines.settings');
  const common = useTranslations('common');
  const save = useSave(updatedAt);
  const errors = lineErrors(save.errors);

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const input = machineSettingsOf(new FormData(event.currentTarget));
    save.send(saveMachineSettingsAction(input, save.openedAt));
  }

  return (
    <form onSubmit={onSubmit} noValidate aria-label={t('title')} className="mt-10 border-t border-line pt-7">
      <FormProblem save={save} known={KNOWN} />
      <fieldset disabled={isReadOnly} className="min-w-0">
        <Section title={t('title')} about={t('about')}>
          <Field
            label={t('zone')}
            name="zone"
            optional
            spellCheck={false}
            placeholder={usualZone}
            defaultValue={settings.zone ?? ''}
            hint={t('zoneHint', { zone })}
            error={errors.zone}
          />
          <ListInput
            label={t('search')}
            name="search"
            initial={settings.search}
            addLabel={t('addSearch')}
            placeholder="ztna"
            hint={t('searchHint')}
            errors={errors}
          />
          <ListInput
            label={t('records')}
            name="records"
            initial={settings.records.map(recordText)}
            addLabel={t('addRecord')}
            placeholder="printer 192.168.1.9"
            hint={t('recordsHint')}
            errors={errors}
          />
        </Section>
        <Section title={t('reach')} about={t('reachAbout')}>
          <Field
            label={t('range')}
            name="range"
            spellCheck={false}
            defaultValue={settings.range}
            hint={t('rangeHint')}
            error={errors.range}
          />
          <Field
            label={t('heartbeat')}
            name="heartbeatSeconds"
            inputMode="numeric"
            defaultValue={settings.heartbeatSeconds}
            hint={t('heartbeatHint')}
            error={errors.heartbeatSeconds}
          />
          <Field
            label={t('listed')}
            name="listedHours"
            optional
            inputMode="numeric"
            defaultValue={settings.listedHours ?? ''}
            hint={t('listedHint')}
            error={errors.listedHours}
          />
        </Section>
      </fieldset>
      {!isReadOnly && <SaveBar save={save} label={common('save')} />}
    </form>
  );
}
