// A moment, in the reader's own time zone once the page is theirs, in UTC before.
'use client';
import { useEffect, useState } from 'react';

export function Time({ at, isLong = false }: { at: number; isLong?: boolean }) {
  const iso = new Date(at).toISOString();
  const [text, setText] = useState(`${iso.slice(0, 10)} ${iso.slice(11, isLong ? 19 : 16)} UTC`);
  useEffect(() => {
    setText(new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: isLong ? 'medium' : 'short' }));
  }, [at, isLong]);
  return (
    <time dateTime={iso} className="whitespace-nowrap">
      {text}
    </time>
  );
}
