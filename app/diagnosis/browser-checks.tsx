// What this browser itself can tell about the usual causes: does it keep a Secure cookie, is its clock right.
'use client';
import { useEffect, useState } from 'react';
import { clockSentence } from './clock-sentence.ts';

const PROBE = '__Host-foyer-probe';

export function BrowserChecks({ serverNow }: { serverNow: number }) {
  const [lines, setLines] = useState<readonly { isGood: boolean; sentence: string }[]>([]);

  useEffect(() => {
    const isKept = keepsCookies();
    setLines([
      {
        isGood: isKept,
        sentence: isKept ? 'This browser keeps Foyer’s cookies here.' : 'This browser refuses Foyer’s cookies.',
      },
      clockSentence(Date.now() - serverNow),
    ]);
  }, [serverNow]);

  if (lines.length === 0) return null;
  return (
    <dl>
      {lines.map(({ isGood, sentence }) => (
        <div key={sentence} className="contents">
          <dt className={isGood ? 'text-ok' : 'text-danger'}>{isGood ? 'Fine' : 'Cause'}</dt>
          <dd>{sentence}</dd>
        </div>
      ))}
    </dl>
  );
}

function keepsCookies(): boolean {
  // biome-ignore lint/suspicious/noDocumentCookie: this probes exactly what a response's Set-Cookie meets; Cookie Store is not everywhere
  document.cookie = `${PROBE}=1; Path=/; Secure; SameSite=Lax`;
  const isKept = document.cookie.includes(`${PROBE}=1`);
  // biome-ignore lint/suspicious/noDocumentCookie: as above
  document.cookie = `${PROBE}=; Path=/; Secure; SameSite=Lax; Max-Age=0`;
  return isKept;
}
