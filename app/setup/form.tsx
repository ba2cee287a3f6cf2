// The set-up form. Without script it is a plain form; with script each mistake is shown beside its field.
'use client';
import { type FormEvent, useState } from 'react';
import { Field } from '../ui/field.tsx';

export function SetupForm({ token, isAdmin, hasProblem }: { token: string; isAdmin: boolean; hasProblem: boolean }) {
  const [errors, setErrors] = useState<Record<string, string>>(
    hasProblem ? { '': 'Something was not accepted. Check every field; a password needs at least 8 characters.' } : {},
  );
  const [isBusy, setBusy] = useState(false);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new URLSearchParams({ json: 'true' });
    for (const [name, value] of new FormData(event.currentTarget))
      if (typeof value === 'string') fields.set(name, value);
    setBusy(true);
    const answer = await fetch('/setup/complete', { method: 'POST', body: fields })
      .then((response) => response.json())
      .catch(() => ({ errors: { '': 'Foyer did not answer. Try again in a minute.' } }));
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
          <Field label="Name" name="name" autoComplete="name" required autoFocus error={errors.name} />
          <Field label="E-mail" name="email" type="email" autoComplete="username" required error={errors.email} />
        </>
      )}
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        required
        autoFocus={!isAdmin}
        hint="A few unrelated words are easier to keep than a short riddle."
        error={errors.password}
      />
      <button type="submit" className="button mt-1" data-kind="primary" disabled={isBusy}>
        {isAdmin ? 'Create account' : 'Save password'}
      </button>
    </form>
  );
}
