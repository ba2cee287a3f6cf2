// The provider editor. The client secret goes in and never comes out again.
'use client';
import { useTranslations } from 'next-intl';
import type { FormEvent } from 'react';
import type { Provider } from '#server/store/providers.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { CheckField, Field } from '../../ui/field.tsx';
import { FormProblem, SaveBar, Section } from '../form/form-parts.tsx';
import { isChecked, linesOf, textOf } from '../form/form-values.ts';
import { ListInput } from '../form/list-input.tsx';
import { useSave } from '../form/use-save.ts';
import { deleteProviderAction, saveProviderAction } from './actions.ts';

type Props = { provider: Provider | null; portalOrigin: string; isReadOnly?: boolean };

const KNOWN = ['name', 'issuer', 'clientId', 'clientSecret', 'groupsClaim', 'allowedEmailDomains', 'scopes', 'enabled'];

export function ProviderForm({ provider, portalOrigin, isReadOnly }: Props) {
  const t = useTranslations('providers');
  const common = useTranslations('common');
  const save = useSave(provider?.updatedAt);
  const { errors } = save;

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = {
      name: textOf(form, 'name'),
      issuer: textOf(form, 'issuer'),
      clientId: textOf(form, 'clientId'),
      clientSecret: textOf(form, 'clientSecret'),
      groupsClaim: textOf(form, 'groupsClaim').trim() || null,
      allowedEmailDomains: linesOf(form, 'allowedEmailDomains'),
      scopes: textOf(form, 'scopes').split(/\s+/).filter(Boolean),
      enabled: isChecked(form, 'enabled'),
    };
    save.send(saveProviderAction(provider?.id ?? null, input, save.openedAt), (saved: { id: string }) =>
      provider ? null : `/admin/providers/${saved.id}`,
    );
  }

  return (
    <form onSubmit={onSubmit} noValidate autoComplete="off">
      <FormProblem save={save} known={KNOWN} />
      <fieldset disabled={isReadOnly} className="min-w-0">
        <Section title={t('one')} about={t('oneAbout')}>
          <Field
            label={t('name')}
            name="name"
            required
            defaultValue={provider?.name}
            hint={t('nameHint')}
            error={errors.name}
          />
          <Field
            label={t('issuer')}
            name="issuer"
            type="url"
            required
            spellCheck={false}
            placeholder="https://login.corp.example"
            defaultValue={provider?.issuer}
            error={errors.issuer}
          />
          <Field
            label={t('clientId')}
            name="clientId"
            required
            spellCheck={false}
            defaultValue={provider?.clientId}
            error={errors.clientId}
            autoComplete="off"
          />
          <Field
            label={t('clientSecret')}
            name="clientSecret"
            type="password"
            autoComplete="new-password"
            optional={provider !== null}
            hint={provider ? t('secretHint') : undefined}
            error={errors.clientSecret}
          />
          {provider ? (
            <CallbackAddress url={`${portalOrigin}/auth/callback/${provider.id}`} />
          ) : (
            <p className="text-sm text-muted">{t('callbackLater')}</p>
          )}
          <CheckField label={t('enabled')} name="enabled" defaultChecked={provider?.enabled ?? true} />
        </Section>
        <Section title={t('whoMayEnter')} about={t('whoAbout')}>
          <ListInput
            label={t('domains')}
            name="allowedEmailDomains"
            initial={provider?.allowedEmailDomains ?? []}
            addLabel={t('addDomain')}
            placeholder="corp.example"
            hint={t('domainsHint')}
            errors={errors}
          />
        </Section>
        <Section title={t('claims')}>
          <Field
            label={t('groupsClaim')}
            name="groupsClaim"
            optional
            spellCheck={false}
            placeholder="groups"
            defaultValue={provider?.groupsClaim ?? ''}
            hint={t('groupsHint')}
            error={errors.groupsClaim}
          />
          <Field
            label={t('scopes')}
            name="scopes"
            spellCheck={false}
            defaultValue={(provider?.scopes ?? ['openid', 'email', 'profile']).join(' ')}
            error={errors.scopes ?? Object.entries(errors).find(([path]) => path.startsWith('scopes.'))?.[1]}
          />
        </Section>
      </fieldset>
      {!isReadOnly && (
        <SaveBar save={save} label={provider ? common('save') : t('add')} cancelHref="/admin/providers">
          {provider && (
            <ConfirmButton
              label={common('delete')}
              title={t('deleteTitle', { name: provider.name })}
              confirmLabel={t('deleteConfirm')}
              action={() => deleteProviderAction(provider.id)}
              doneHref="/admin/providers"
            >
              {t('deleteAbout')}
            </ConfirmButton>
          )}
        </SaveBar>
      )}
    </form>
  );
}

function CallbackAddress({ url }: { url: string }) {
  const t = useTranslations('providers');
  return (
    <div className="rounded-lg bg-sunken px-3 py-2 text-sm">
      <p className="text-muted">{t('callback')}</p>
      <div className="flex items-center justify-between gap-2">
        <code className="min-w-0 text-[0.8125rem] break-all">{url}</code>
        <CopyButton text={url} label={t('copyCallback')} />
      </div>
    </div>
  );
}
