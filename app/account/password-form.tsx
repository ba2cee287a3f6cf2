// Changing one's password. Every other session ends; this one stays.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useRef } from 'react';
import { FormProblem } from '../admin/form/form-parts.tsx';
import { textOf } from '../admin/form/form-values.ts';
import { useSave } from '../admin/form/use-save.ts';
import { Field } from '../ui/field.tsx';
import { changePasswordAction } from './actions.ts';

export function PasswordForm({ email }: { email: string }) {
  const t = useTranslations('account.password');
  const save = useSave();
  const form = useRef<HTMLFormElement>(null);

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const input = { current: textOf(fields, 'current'), next: textOf(fields, 'next') };
    save.send(changePasswordAction(input), () => {
      form.current?.reset();
      return null;
    });
  }

  return (
    <form ref={form} onSubmit={onSubmit} noValidate className="grid gap-4">
      <FormProblem save={save} known={['current', 'next']} />
      <input type="email" name="email" autoComplete="username" defaultValue={email} hidden readOnly />
      <Field
        label={t('current')}
        name="current"
        type="password"
        autoComplete="current-password"
        error={save.errors.current}
      />
      <Field
        label={t('next')}
        name="next"
        type="password"
        autoComplete="new-password"
        hint={t('hint')}
        error={save.errors.next}
      />
      <div className="flex items-center gap-3">
        <button type="submit" className="button" disabled={save.isSaving}>
          {t('change')}
        </button>
        <span role="status" className="text-sm text-ok">
          {save.isSaved && t('changed')}
        </span>
      </div>
    </form>
  );
}
