// Erases a person: says what goes and what cannot, and wants their e-mail address typed.
'use client';
import '../../ui/style-nonce.ts';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { AlertDialog } from 'radix-ui';
import type { FormEvent } from 'react';
import { Field } from '../../ui/field.tsx';
import { FormProblem } from '../form/form-parts.tsx';
import { textOf } from '../form/form-values.ts';
import { useSave } from '../form/use-save.ts';
import { erasePersonAction } from './actions.ts';

export function ErasePerson({ person: { id, name, email } }: { person: { id: string; name: string; email: string } }) {
  const [t, common] = [useTranslations('people.data'), useTranslations('common')];
  const router = useRouter();
  const save = useSave();

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = textOf(new FormData(event.currentTarget), 'email');
    save.look(erasePersonAction(id, typed), () => router.push('/admin/users'));
  }

  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger className="button" data-kind="danger">
        {t('erase')}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <AlertDialog.Content className="card fixed top-1/2 left-1/2 z-50 max-h-[calc(100vh-2rem)] w-[calc(100vw-2rem)] max-w-lg -translate-x-1/2 -translate-y-1/2 overflow-y-auto p-6 shadow-raised">
          <AlertDialog.Title className="text-lg font-semibold tracking-tight">
            {t('eraseTitle', { name })}
          </AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="mt-2 grid gap-2 text-[0.9375rem] text-muted">
              <p>{t('eraseGone')}</p>
              <p>{t('eraseStays')}</p>
              <p>{t('eraseElsewhere')}</p>
            </div>
          </AlertDialog.Description>
          <form onSubmit={onSubmit} noValidate className="mt-4">
            <FormProblem save={save} known={['email']} />
            <Field
              label={t('eraseType', { email })}
              name="email"
              id="erase-email"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              error={save.errors.email}
            />
            <div className="mt-6 flex justify-end gap-2">
              <AlertDialog.Cancel className="button">{common('keep')}</AlertDialog.Cancel>
              <button type="submit" className="button" data-kind="danger" disabled={save.isSaving}>
                {t('eraseConfirm')}
              </button>
            </div>
          </form>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
