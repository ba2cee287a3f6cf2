// What the sign-in page says when it did not work: a sentence that helps the person and tells a stranger nothing.
import type { useTranslations } from 'next-intl';

type Translate = ReturnType<typeof useTranslations<'signIn'>>;

/** `waitSeconds`: how long a person who tried too often has to wait. */
export function problemSentence(t: Translate, problem: { kind: string; waitSeconds?: number }): string {
  switch (problem.kind) {
    case 'refused':
      return t('problem.refused');
    case 'throttled':
      return t('problem.throttled', { time: inWords(t, problem.waitSeconds ?? 0) });
    case 'not-invited':
      return t('problem.notInvited');
    case 'unavailable':
      return t('problem.unavailable');
    default:
      return t('problem.incomplete');
  }
}

function inWords(t: Translate, seconds: number): string {
  const safe = Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : 60;
  if (safe < 60) return t('problem.seconds', { count: safe });
  return t('problem.minutes', { count: Math.ceil(safe / 60) });
}
