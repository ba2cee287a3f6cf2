// A button that asks first, and says what cannot be undone. What goes wrong is told in the same dialog.
'use client';
import './style-nonce.ts';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { AlertDialog } from 'radix-ui';
import { type ReactNode, useState, useTransition } from 'react';
import type { ActionResult } from '../admin/act.ts';

type Props = {
  label: string;
  title: string;
  children: ReactNode;
  confirmLabel: string;
  action(): Promise<ActionResult<object>>;
  /** Where to go when it is done; without it the page is read again. */
  doneHref?: string;
  kind?: 'danger' | 'quiet' | 'plain';
};

export function ConfirmButton({ label, title, children, confirmLabel, action, doneHref, kind = 'danger' }: Props) {
  const t = useTranslations('common');
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, start] = useTransition();

  function confirm() {
    start(async () => {
      const result = await action().catch(() => null);
      if (result?.kind === 'saved') {
        setOpen(false);
        if (doneHref) router.push(doneHref);
        router.refresh();
        return;
      }
      setProblem(sentenceOf(t, result));
    });
  }

  return (
    <AlertDialog.Root
      open={isOpen}
      onOpenChange={(open) => {
        setOpen(open);
        setProblem(null);
      }}
    >
      <AlertDialog.Trigger className="button" data-kind={kind === 'plain' ? undefined : kind}>
        {label}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <AlertDialog.Content className="card fixed top-1/2 left-1/2 z-50 w-[calc(100vw-2rem)] max-w-md -translate-x-1/2 -translate-y-1/2 p-6 shadow-raised">
          <AlertDialog.Title className="text-lg font-semibold tracking-tight">{title}</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="mt-2 text-[0.9375rem] text-muted">{children}</div>
          </AlertDialog.Description>
          {problem && (
            <p role="alert" className="mt-4 rounded-lg bg-danger-soft px-3 py-2.5 text-sm text-danger">
              {problem}
            </p>
          )}
          <div className="mt-6 flex justify-end gap-2">
            <AlertDialog.Cancel className="button">{t('keep')}</AlertDialog.Cancel>
            <button type="button" className="button" data-kind="danger" disabled={isBusy} onClick={confirm}>
              {confirmLabel}
            </button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

function sentenceOf(t: ReturnType<typeof useTranslations<'common'>>, result: ActionResult<object> | null): string {
  if (!result) return t('noAnswer');
  switch (result.kind) {
    case 'not-found':
      return t('gone');
    case 'signed-out':
      return t('signInFirst');
    case 'invalid':
      return Object.values(result.errors).join(' ');
    case 'saved':
      return '';
    default:
      return result.sentence;
  }
}
