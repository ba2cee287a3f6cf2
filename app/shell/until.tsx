// When a session ends: the moment, its zone by name, and how far away that is.
'use client';
import { useLocale } from 'next-intl';
import { useEffect, useState } from 'react';
import { Time, ZoneName } from '../ui/time.tsx';
import { fromNow } from './from-now.ts';

/** `at` and `readAt` are epoch milliseconds: the page says first what the server said, then counts on. */
export function Until({ at, readAt }: { at: number; readAt: number }) {
  const language = useLocale();
  const [now, setNow] = useState(readAt);
  useEffect(() => {
    const startedAt = performance.now();
    const timer = setInterval(() => setNow(readAt + performance.now() - startedAt), 30_000);
    return () => clearInterval(timer);
  }, [readAt]);
  return (
    <>
      <Time at={at} look="zoned" /> <ZoneName />, {fromNow(at - now, language)}
    </>
  );
}
