// Where aliases are: the zone, the name servers that it is delegated to, and the gateways that aliases lead to.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import type { AliasSetting } from '#server/core/alias.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Field } from '../../ui/field.tsx';
import { FormProblem, SaveBar, Section } from '../form/form-parts.tsx';
import { linesOf, textOf } from '../form/form-values.ts';
import { ListInput } from '../form/list-input.tsx';
import { useSave } from '../form/use-save.ts';
import { saveAliasesAction } from './actions.ts';

const KNOWN = ['zone', 'addresses', 'nameServers'];

export function AliasForm(props: { aliases: AliasSetting; updatedAt: number; isReadOnly: boolean }) {
  const { aliases } = props;
  const t = useTranslations('settings.aliases');
  const common = useTranslations('common');
  const save = useSave(props.updatedAt);
  const [zone, setZone] = useState<string>(aliases.zone ?? '');
  const [nameServers, setNameServers] = useState<readonly string[]>(aliases.nameServers);
  const delegation = nameServers.filter((name) => name.trim() !== '').map((name) => `${zone}. NS ${name.trim()}.`);

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = {
      zone: textOf(form, 'zone').trim() || null,
      addresses: linesOf(form, 'addresses'),
      nameServers: linesOf(form, 'nameServers'),
    };
    save.send(saveAliasesAction(input, save.openedAt));
  }

  return (
    <form onSubmit={onSubmit} noValidate aria-label={t('title')} className="mt-8 border-t border-line pt-7">
      <FormProblem save={save} known={KNOWN} />
      <fieldset disabled={props.isReadOnly} className="min-w-0">
        <Section title={t('title')} about={t('about')}>
          <Field
            label={t('zone')}
            name="zone"
            optional
            spellCheck={false}
            placeholder="alias.example.com"
            value={zone}
            onChange={(event) => setZone(event.target.value)}
            hint={t('zoneHint')}
            error={save.errors.zone}
          />
          <ListInput
            label={t('nameServers')}
            name="nameServers"
            initial={aliases.nameServers}
            addLabel={t('addNameServer')}
            placeholder="ns1.example.com"
            hint={t('nameServersHint')}
            errors={save.errors}
            onChange={setNameServers}
          />
          <ListInput
            label={t('addresses')}
            name="addresses"
            initial={aliases.addresses}
            addLabel={t('addAddress')}
            placeholder="203.0.113.20"
            hint={t('addressesHint')}
            errors={save.errors}
          />
          {zone.trim() !== '' && delegation.length > 0 && (
            <div className="text-sm">
              <p className="text-muted">{t('delegate')}</p>
              <ul className="mt-1.5 grid gap-1.5">
                {delegation.map((record) => (
                  <li
                    key={record}
                    className="flex items-center justify-between gap-3 rounded-lg bg-sunken py-1 ps-3 pe-1"
                  >
                    <code className="min-w-0 text-[0.8125rem] break-all">{record}</code>
                    <CopyButton text={record} label={t('copy')} />
                  </li>
                ))}
              </ul>
            </div>
          )}
        </Section>
      </fieldset>
      {!props.isReadOnly && <SaveBar save={save} label={common('save')} />}
    </form>
  );
}
