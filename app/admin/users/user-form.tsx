// The user editor.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import { ROLES } from '#server/core/identity.ts';
import type { UserRecord } from '#server/store/users.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { CheckField, Field, SelectField } from '../../ui/field.tsx';
import { FormProblem, SaveBar, Section } from '../form/form-parts.tsx';
import { isChecked, textOf } from '../form/form-values.ts';
import { useSave } from '../form/use-save.ts';
import { deleteUserAction, saveUserAction } from './actions.ts';
import { PasswordLink } from './password-link.tsx';

type Props = { user: UserRecord | null; providers: readonly { id: string; name: string }[]; isReadOnly?: boolean };

const KNOWN = ['name', 'email', 'role', 'disabled', 'providerId', 'password'];

export function UserForm({ user, providers, isReadOnly }: Props) {
  const [t, common] = [useTranslations('people'), useTranslations('common')];
  const save = useSave(user?.updatedAt);
  const { errors } = save;
  const [providerId, setProviderId] = useState('');
  const isLocal = user ? user.signIn.kind === 'password' : providerId === '';

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = {
      name: textOf(form, 'name'),
      email: textOf(form, 'email'),
      role: textOf(form, 'role'),
      disabled: !isChecked(form, 'enabled'),
      ...(user ? {} : { providerId: providerId || null }),
      ...(isLocal && textOf(form, 'password') ? { password: textOf(form, 'password') } : {}),
    };
    save.send(saveUserAction(user?.id ?? null, input, save.openedAt), (saved: { id: string }) =>
      user ? null : `/admin/users/${saved.id}`,
    );
  }

  return (
    <form onSubmit={onSubmit} noValidate autoComplete="off">
      <FormProblem save={save} known={KNOWN} />
      <fieldset disabled={isReadOnly} className="min-w-0">
        <Section title={t('person')}>
          <Field
            label={t('name')}
            name="name"
            required
            defaultValue={user?.name}
            error={errors.name}
            autoComplete="off"
          />
          <Field
            label={t('email')}
            name="email"
            type="email"
            required
            defaultValue={user?.email}
            error={errors.email}
            autoComplete="off"
          />
          <SelectField label={t('role')} name="role" defaultValue={user?.role ?? 'member'} error={errors.role}>
            {[...ROLES].reverse().map((role) => (
              <option key={role} value={role}>
                {t(`roles.${role}`)}: {t(`roleAbout.${role}`)}
              </option>
            ))}
          </SelectField>
          <CheckField
            label={t('maySignIn')}
            name="enabled"
            hint={t('maySignInHint')}
            defaultChecked={!user?.disabled}
            error={errors.disabled}
          />
        </Section>
        <Section title={t('signIn')} about={user ? undefined : t('invitedAbout')}>
          {!user && providers.length > 0 && (
            <SelectField
              label={t('signsInWith')}
              name="providerId"
              value={providerId}
              onChange={(event) => setProviderId(event.target.value)}
              error={errors.providerId}
            >
              <option value="">{t('passwordHere')}</option>
              {providers.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </SelectField>
          )}
          {isLocal && (
            <Field
              label={user ? t('newPassword') : t('password')}
              name="password"
              type="password"
              optional
              autoComplete="new-password"
              hint={user ? t('newPasswordHint') : t('passwordHint')}
              error={errors.password}
            />
          )}
          {user?.signIn.kind === 'provider' && (
            <p className="text-sm text-muted">
              {t.rich(user.signIn.linked ? 'linkedTo' : 'invitedTo', {
                issuer: user.signIn.issuer,
                mark: (text) => <span className="break-all text-text">{text}</span>,
              })}
            </p>
          )}
          {user && isLocal && !isReadOnly && <PasswordLink userId={user.id} />}
        </Section>
      </fieldset>
      {!isReadOnly && (
        <SaveBar save={save} label={user ? common('save') : t('addUser')} cancelHref="/admin/users">
          {user && (
            <ConfirmButton
              label={common('delete')}
              title={t('deleteTitle', { name: user.name })}
              confirmLabel={t('deleteUser')}
              action={() => deleteUserAction(user.id)}
              doneHref="/admin/users"
            >
              {t('deleteAbout')}
            </ConfirmButton>
          )}
        </SaveBar>
      )}
    </form>
  );
}
