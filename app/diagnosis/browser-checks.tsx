// What this browser itself can tell about the usual causes: does it keep a Secure cookie, is its clock right.
'use client';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { keepsCookies } from '../request/cookie-probe.ts';
import { type Clock, judgeClock } from './clock.ts';

export function BrowserChecks({ serverNow }: { serverNow: number }) {
  const t = useTranslations('diagnosis');
  const [found, setFound] = useState<{ isKept: boolean; clock: Clock } | null>(null);

  useEffect(() => setFound({ isKept: keepsCookies(document), clock: judgeClock(Date.now() - serverNow) }), [serverNow]);

  if (!found) return null;
  const { isKept, clock } = found;
  const lines = [
    { isGood: isKept, sentence: isKept ? t('keeps') : t('refuses') },
    { isGood: clock.kind === 'right', sentence: clockSentence(clock) },
  ];
  return (
    <dl>
      {lines.map(({ isGood, sentence }) => (
        <div key={sentence} className="contents">
          <dt className={isGood ? 'text-ok' : 'text-danger'}>{isGood ? t('fine') : t('cause')}</dt>
          <dd>{sentence}</dd>
        </div>
      ))}
    </dl>
  );

  function clockSentence(judged: Clock): string {
    if (judged.kind === 'right') return t('clockRight');
    const { unit, count } = judged.amount;
    return t(judged.kind === 'fast' ? 'clockFast' : 'clockSlow', { amount: t(unit, { count }) });
  }
}
