// What this browser itself can tell about the usual causes: does it keep a Secure cookie, is its clock right.
'use client';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { type Clock, judgeClock } from './clock.ts';

const PROBE = '__Host-foyer-probe';

export function BrowserChecks({ serverNow }: { serverNow: number }) {
  const t = useTranslations('diagnosis');
  const [found, setFound] = useState<{ isKept: boolean; clock: Clock } | null>(null);

  useEffect(() => setFound({ isKept: keepsCookies(), clock: judgeClock(Date.now() - serverNow) }), [serverNow]);

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

function keepsCookies(): boolean {
  // biome-ignore lint/suspicious/noDocumentCookie: this probes exactly what a response's Set-Cookie meets; Cookie Store is not everywhere
  document.cookie = `${PROBE}=1; Path=/; Secure; SameSite=Lax`;
  const isKept = document.cookie.includes(`${PROBE}=1`);
  // biome-ignore lint/suspicious/noDocumentCookie: as above
  document.cookie = `${PROBE}=; Path=/; Secure; SameSite=Lax; Max-Age=0`;
  return isKept;
}
