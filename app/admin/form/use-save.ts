// Sends a form to its action and keeps what was typed: an answer is either the next page or sentences beside fields.
'use client';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useRef, useState, useTransition } from 'react';
import type { ActionResult } from '../act.ts';

export type Save = {
  isSaving: boolean;
  /** Sentences by field path; '' is for the whole form. */
  errors: Record<string, string>;
  /** True from a save on, until the next is sent. */
  isSaved: boolean;
  /** The `updatedAt` of the record as this form knows it: the next save is refused when somebody else has changed it since. */
  openedAt: number | undefined;
  send<T extends object>(action: Promise<ActionResult<T>>, onSaved?: (saved: T) => string | null): void;
  /** Asks something that changes nothing; what is wrong with the question stands where it would for a save. */
  look<T extends object>(action: Promise<ActionResult<T>>, onSeen: (seen: T) => void): void;
  /** The person has seen this state of the record: what was said of an older one is over. */
  adopt(updatedAt: number): void;
};

/** `updatedAt` is that of the record that the form is made from. `onSaved` gives the page to go on to, or null to stay. */
export function useSave(updatedAt?: number): Save {
  const t = useTranslations('common');
  const router = useRouter();
  const [isSaving, startSaving] = useTransition();
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [isSaved, setSaved] = useState(false);
  // Kept, not read again with each render: a refreshed page does not mean that the person has seen what is new.
  const [openedAt, setOpenedAt] = useState(updatedAt);
  const running = useRef(false);

  function send<T extends object>(action: Promise<ActionResult<T>>, onSaved: (saved: T) => string | null = () => null) {
    if (running.current) return;
    running.current = true;
    setSaved(false);
    startSaving(async () => {
      const result = await action.catch(() => ({ kind: 'failed', sentence: t('noAnswer') }) as const);
      running.current = false;
      const found = errorsOf(t, result);
      setErrors(found);
      // What was stored in part counts as well: the next save goes on from there.
      if ('updatedAt' in result && typeof result.updatedAt === 'number') setOpenedAt(result.updatedAt);
      if (result.kind !== 'saved') {
        requestAnimationFrame(focusFirstError);
        return;
      }
      const next = onSaved(result);
      setSaved(true);
      if (next) router.push(next);
      router.refresh();
    });
  }

  function look<T extends object>(action: Promise<ActionResult<T>>, onSeen: (seen: T) => void) {
    setSaved(false);
    startSaving(async () => {
      const result = await action.catch(() => ({ kind: 'failed', sentence: t('noAnswer') }) as const);
      setErrors(errorsOf(t, result));
      if (result.kind === 'saved') onSeen(result);
      else requestAnimationFrame(focusFirstError);
    });
  }

  function adopt(seen: number) {
    setOpenedAt(seen);
    setErrors({});
  }

  return { isSaving, errors, isSaved, openedAt, send, look, adopt };
}

function errorsOf(
  t: ReturnType<typeof useTranslations<'common'>>,
  result: ActionResult<object>,
): Record<string, string> {
  switch (result.kind) {
    case 'saved':
      return {};
    case 'invalid':
      return result.errors;
    case 'not-found':
      return { '': t('gone') };
    case 'signed-out':
      return { '': t('signedOut') };
    default:
      return { '': result.sentence };
  }
}

function focusFirstError() {
  const first = document.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]');
  first?.focus();
  first?.scrollIntoView({ block: 'center' });
}
