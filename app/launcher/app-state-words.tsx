// How an app is, in words, from what its real traffic showed. Nothing here says that an app works: only that it was used.
'use client';
import { useLocale, useTimeZone, useTranslations } from 'next-intl';
import { useContext } from 'react';
import type { AppState } from '#server/core/app-state.ts';
import { Time } from '../ui/time.tsx';
import { dayWords } from './day-words.ts';
import { ReadAt } from './read-at.ts';

export function AppStateWords({ state }: { state: AppState }) {
  const t = useTranslations('launcher.state');
  const when = (at: number) => () => <When at={at} />;
  switch (state.kind) {
    case 'failing':
      return t.rich(state.people > 1 ? 'othersFailing' : 'failing', { when: when(state.since) });
    case 'maintenance':
      return t('maintenance');
    case 'off':
      return null;
    default:
      return state.lastUsedAt === null ? t('never') : t.rich('lastUsed', { when: when(state.lastUsedAt) });
  }
}

/** Reports whether whoever opens the app now has to expect that it does not answer. */
export function isDisturbed(state: AppState): boolean {
  return state.kind === 'failing' || state.kind === 'maintenance';
}

/** The time of day where it was today, `yesterday`, `3 days ago`, else the date. */
function When({ at }: { at: number }) {
  const readAt = useContext(ReadAt);
  const words = dayWords(at, readAt, { language: useLocale(), zone: useTimeZone() ?? 'UTC' });
  return words ? <time dateTime={new Date(at).toISOString()}>{words}</time> : <Time at={at} look="time" />;
}
