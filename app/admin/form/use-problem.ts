// What went wrong with an action that has no fields of its own, in one sentence.
'use client';
import { useTranslations } from 'next-intl';
import type { ActionResult } from '../act.ts';

/** `null`: no answer at all. */
export function useProblem(): (result: ActionResult<object> | null) => string {
  const t = useTranslations('apps');
  const common = useTranslations('common');
  return (result) => {
    if (!result) return t('problem.noAnswer');
    switch (result.kind) {
      case 'saved':
        return '';
      case 'not-found':
        return common('gone');
      case 'signed-out':
        return common('signedOut');
      case 'invalid':
        return Object.values(result.errors).join(' ');
      default:
        return result.sentence;
    }
  };
}
