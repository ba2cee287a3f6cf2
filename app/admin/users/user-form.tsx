// The user editor.
'use client';
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
import { ROLE_ABOUT, ROLE_NAMES } from './role-names.ts';

type Props = { user: UserRecord | null; providers: readonly { id: string; name: string }[]; isReadOnly?: boolean };

const KNOWN = ['name', 'email', 'role', 'disabled', 'providerId', 'password'];

export function UserForm({ user, providers, isReadOnly }: Props) {
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
        <Section title="Person">
          <Field label="Name" name="name" required defaultValue={user?.name} error={errors.name} autoComplete="off" />
          <Field
            label="E-mail"
            name="email"
            type="email"
            required
            defaultValue={user?.email}
            error={errors.email}
            autoComplete="off"
          />
          <SelectField label="Role" name="role" defaultValue={user?.role ?? 'member'} error={errors.role}>
            {[...ROLES].reverse().map((role) => (
              <option key={role} value={role}>
                {ROLE_NAMES[role]}: {ROLE_ABOUT[role]}
              </option>
            ))}
          </SelectField>
          <CheckField
            label="May sign in"
            name="enabled"
            hint="Switched off, every session of this person ends within a second."
            defaultChecked={!user?.disabled}
            error={errors.disabled}
          />
        </Section>
        <Section
          title="Sign-in"
          about={user ? undefined : 'An invited person is linked by their first verified sign-in.'}
        >
          {!user && providers.length > 0 && (
            <SelectField
              label="Signs in with"
              name="providerId"
              value={providerId}
              onChange={(event) => setProviderId(event.target.value)}
              error={errors.providerId}
            >
              <option value="">A password here</option>
              {providers.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </SelectField>
          )}
          {isLocal && (
            <Field
              label={user ? 'New password' : 'Password'}
              name="password"
              type="password"
              optional
              autoComplete="new-password"
              hint={
                user
                  ? 'Leave it empty to keep the current one. A new one ends every session.'
                  : 'Leave it empty and send a link with which they choose one themselves.'
              }
              error={errors.password}
            />
          )}
          {user?.signIn.kind === 'provider' && (
            <p className="text-sm text-muted">
              Signs in with <span className="break-all text-text">{user.signIn.issuer}</span>
              {user.signIn.linked ? '.' : ', and has not done so yet.'}
            </p>
          )}
          {user && isLocal && !isReadOnly && <PasswordLink userId={user.id} />}
        </Section>
      </fieldset>
      {!isReadOnly && (
        <SaveBar save={save} label={user ? 'Save' : 'Add user'} cancelHref="/admin/users">
          {user && (
            <ConfirmButton
              label="Delete"
              title={`Delete ${user.name}?`}
              confirmLabel="Delete user"
              action={() => deleteUserAction(user.id)}
              doneHref="/admin/users"
            >
              Their sessions end at once, and they lose every assignment. The audit keeps its history. This cannot be
              undone.
            </ConfirmButton>
          )}
        </SaveBar>
      )}
    </form>
  );
}
