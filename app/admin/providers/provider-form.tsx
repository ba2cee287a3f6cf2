// The provider editor. The client secret goes in and never comes out again.
'use client';
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
        <Section title="Provider" about="Register Foyer there as a confidential web application with the code flow.">
          <Field
            label="Name"
            name="name"
            required
            defaultValue={provider?.name}
            hint="Stands on the sign-in button."
            error={errors.name}
          />
          <Field
            label="Issuer"
            name="issuer"
            type="url"
            required
            spellCheck={false}
            placeholder="https://login.corp.example"
            defaultValue={provider?.issuer}
            error={errors.issuer}
          />
          <Field
            label="Client id"
            name="clientId"
            required
            spellCheck={false}
            defaultValue={provider?.clientId}
            error={errors.clientId}
            autoComplete="off"
          />
          <Field
            label="Client secret"
            name="clientSecret"
            type="password"
            autoComplete="new-password"
            optional={provider !== null}
            hint={provider ? 'Leave it empty to keep the stored one.' : undefined}
            error={errors.clientSecret}
          />
          {provider ? (
            <CallbackAddress url={`${portalOrigin}/auth/callback/${provider.id}`} />
          ) : (
            <p className="text-sm text-muted">
              The redirect address to register there is shown once the provider is saved.
            </p>
          )}
          <CheckField label="Enabled" name="enabled" defaultChecked={provider?.enabled ?? true} />
        </Section>
        <Section
          title="Who may enter"
          about="People that an administrator has invited always may. Nobody else does, unless you name domains."
        >
          <ListInput
            label="Verified e-mail domains"
            name="allowedEmailDomains"
            initial={provider?.allowedEmailDomains ?? []}
            addLabel="Add domain"
            placeholder="corp.example"
            hint="The provider has to say that the address is verified."
            errors={errors}
          />
        </Section>
        <Section title="Claims">
          <Field
            label="Groups claim"
            name="groupsClaim"
            optional
            spellCheck={false}
            placeholder="groups"
            defaultValue={provider?.groupsClaim ?? ''}
            hint="The claim that lists a person’s groups. Empty takes none."
            error={errors.groupsClaim}
          />
          <Field
            label="Scopes"
            name="scopes"
            spellCheck={false}
            defaultValue={(provider?.scopes ?? ['openid', 'email', 'profile']).join(' ')}
            error={errors.scopes ?? Object.entries(errors).find(([path]) => path.startsWith('scopes.'))?.[1]}
          />
        </Section>
      </fieldset>
      {!isReadOnly && (
        <SaveBar save={save} label={provider ? 'Save' : 'Add provider'} cancelHref="/admin/providers">
          {provider && (
            <ConfirmButton
              label="Delete"
              title={`Delete ${provider.name}?`}
              confirmLabel="Delete provider"
              action={() => deleteProviderAction(provider.id)}
              doneHref="/admin/providers"
            >
              People who sign in with it can no longer sign in. This cannot be undone.
            </ConfirmButton>
          )}
        </SaveBar>
      )}
    </form>
  );
}

function CallbackAddress({ url }: { url: string }) {
  return (
    <div className="rounded-lg bg-sunken px-3 py-2 text-sm">
      <p className="text-muted">Redirect address to register at the provider:</p>
      <div className="flex items-center justify-between gap-2">
        <code className="min-w-0 text-[0.8125rem] break-all">{url}</code>
        <CopyButton text={url} label="Copy the redirect address" />
      </div>
    </div>
  );
}
