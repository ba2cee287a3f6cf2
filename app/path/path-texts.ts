// The sentences of a path, by the stable words that its steps end with.
'use client';
import { useLocale, useTranslations } from 'next-intl';
import type { PathStep } from '#server/core/path.ts';
import { sentenceValues, type Values, type Words } from './sentence-values.ts';

/** Keys are put together from the words of steps: a test holds the messages to every one of them. */
export type AnyText = { (key: string, values?: Values): string; has(key: string): boolean };

/** What every view of a path says; nothing of it is for admins alone. */
export function useWayText(): AnyText {
  return useTranslations('way') as unknown as AnyText;
}

/** What only those may read who may read the app. */
export function usePathText(): AnyText {
  return useTranslations('path') as unknown as AnyText;
}

export function usePathSentences(): { says(step: PathStep): string; mends(step: PathStep): string | null } {
  const t = usePathText();
  const words: Words = {
    refusal: (of) => t(`refusals.${of}`),
    openedBy: (by) => t(`by.${by.kind}`, by.kind === 'group' ? { group: by.name } : {}),
  };
  return {
    says(step) {
      if (step.code === 'step-late') return t('late');
      if (step.code === 'step-failed') return t('broke');
      if (step.code === 'earlier-step') return t('earlier');
      return t(`says.${step.step}.${step.code}`, sentenceValues(step, words));
    },
    mends(step) {
      const key = `mend.${step.step}.${step.code}`;
      return t.has(key) ? t(key, sentenceValues(step, words)) : null;
    },
  };
}

/** Milliseconds as people read them: whole ones below a second, tenths of seconds above. */
export function useDuration(): (ms: number) => string {
  const locale = useLocale();
  return (ms) => {
    const unit = ms < 1_000 ? 'millisecond' : 'second';
    const value = ms < 1_000 ? Math.max(1, Math.round(ms)) : Math.round(ms / 100) / 10;
    return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
  };
}
