// Sends a form to its action and keeps what was typed: an answer is either the next page or sentences beside fields.
'use client';
import { useRouter } from 'next/navigation';
import { useRef, useState, useTransition } from 'react';
import type { ActionResult } from '../act.ts';

export type Save = {
  isSaving: boolean;
  /** Sentences by field path; '' is for the whole form. */
  errors: Record<string, string>;
  /** True for the moment after a save that stays on the page. */
  isSaved: boolean;
  send<T extends object>(action: Promise<ActionResult<T>>, onSaved?: (saved: T) => string | null): void;
};

/** `onSaved` gives the page to go on to, or null to stay. */
export function useSave(): Save {
  const router = useRouter();
  const [isSaving, startSaving] = useTransition();
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [isSaved, setSaved] = useState(false);
  const running = useRef(false);

  function send<T extends object>(action: Promise<ActionResult<T>>, onSaved: (saved: T) => string | null = () => null) {
    if (running.current) return;
    running.current = true;
    setSaved(false);
    startSaving(async () => {
      const result = await action.catch(
        () => ({ kind: 'failed', sentence: 'Foyer did not answer. Nothing was lost: try again in a minute.' }) as const,
      );
      running.current = false;
      const found = errorsOf(result);
      setErrors(found);
      if (result.kind !== 'saved') {
        requestAnimationFrame(focusFirstError);
        return;
      }
      const next = onSaved(result);
      if (next) router.push(next);
      else setSaved(true);
      router.refresh();
    });
  }

  return { isSaving, errors, isSaved, send };
}

function errorsOf(result: ActionResult<object>): Record<string, string> {
  switch (result.kind) {
    case 'saved':
      return {};
    case 'invalid':
      return result.errors;
    case 'not-found':
      return { '': 'This does not exist any more. Somebody has deleted it meanwhile.' };
    case 'signed-out':
      return { '': 'You are signed out. Sign in again in another tab, then save here: nothing you typed is lost.' };
    default:
      return { '': result.sentence };
  }
}

function focusFirstError() {
  const first = document.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]');
  first?.focus();
  first?.scrollIntoView({ block: 'center' });
}
