// The set-up form. Without script it is a plain form; with script each mistake is shown beside its field.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import { Field } from '../ui/field.tsx';

export function SetupForm({ token, isAdmin, hasProblem }: { token: string; isAdmin: boolean; hasProblem: boolean }) {
  const t = useTranslations('setup');
  const [errors, setErrors] = useState<Record<string, string>>(hasProblem ? { '': t('problem') } : {});
  const [isBusy, setBusy] = useState(false);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new URLSearchParams({ json: 'true' });
    for (const [name, value] of new FormData(event.currentTarget))
      if (typeof value === 'string') fields.set(name, value);
    setBusy(true);
    const answer = await fetch('/setup/complete', { method: 'POST', body: fields })
      .then((response) => response.json())
      .catch(() => ({ errors: { '': t('noAnswer') } }));
    if (typeof answer.url === 'string') return window.location.assign(answer.url);
    setBusy(false);
    setErrors(answer.errors ?? {});
  }

  return (
    <form method="post" action="/setup/complete" onSubmit={onSubmit} className="grid gap-4" noValidate>
      <input type="hidden" name="token" value={token} />
      {errors[''] && (
        <p role="alert" className="rounded-lg bg-danger-soft px-3 py-2.5 text-sm text-danger">
          {errors['']}
        </p>
      )}
      {isAdmin && (
        <>
          <Field label={t('name')} name="name" autoComplete="name" required autoFocus error={errors.name} />
          <Field label={t('email')} name="email" type="email" autoComplete="username" required error={errors.email} />
        </>
      )}
      <Field
        label={t('password')}
        name="password"
        type="password"
        autoComplete="new-password"
        required
        autoFocus={!isAdmin}
        hint={t('passwordHint')}
        error={errors.password}
      />
      <button type="submit" className="button mt-1" data-kind="primary" disabled={isBusy}>
        {isAdmin ? t('createAccount') : t('savePassword')}
      </button>
    </form>
  );
}
