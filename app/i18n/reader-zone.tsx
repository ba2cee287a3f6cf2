// Tells the server the reader's time zone, so that its pages show times in it from the second one on.
'use client';
import { useTimeZone } from 'next-intl';
import { useEffect } from 'react';
import { readingCookie, ZONE_COOKIE } from './cookie-names.ts';

export function ReaderZone() {
  const known = useTimeZone();
  useEffect(() => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser that Foyer serves
    if (timeZone && timeZone !== known) document.cookie = readingCookie(ZONE_COOKIE, timeZone);
  }, [known]);
  return null;
}
