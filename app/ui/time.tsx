// A moment in the reader's language and time zone. The zone is the one their browser last told of; at first it is UTC, and says so.
'use client';
import { useLocale, useTimeZone } from 'next-intl';
import { useEffect, useState } from 'react';
import { useRegionalLanguage } from '../i18n/region.tsx';

/** `zoned`: as `short`, where the zone's name stands beside it anyway. */
type Look = 'short' | 'zoned' | 'long' | 'time' | 'day';

const LOOKS: Record<Look, Intl.DateTimeFormatOptions> = {
  short: { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' },
  zoned: { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' },
  long: {
    ...{ day: 'numeric', month: 'short', year: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
  },
  time: { hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short', year: 'numeric' },
};

/** `at`: epoch milliseconds. `isLong`: with seconds and the zone's name, which is in the title of every other one. */
export function Time({
  at,
  isLong = false,
  look = isLong ? 'long' : 'short',
}: {
  at: number;
  isLong?: boolean;
  look?: Look;
}) {
  const { language, zone } = useReading();
  const iso = new Date(at).toISOString();
  const say = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { ...options, timeZone: zone }).format(at);
  return (
    <time dateTime={iso} title={say(LOOKS.long)} className="whitespace-nowrap">
      {say(zone === 'UTC' && look === 'short' ? { ...LOOKS.short, timeZoneName: 'short' } : LOOKS[look])}
    </time>
  );
}

/** The zone that the times of a page are in, by its name: `CET (Europe/Berlin)`. */
export function ZoneName() {
  const { language, zone } = useReading();
  const parts = new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: 'short' }).formatToParts();
  const short = parts.find(({ type }) => type === 'timeZoneName')?.value ?? zone;
  return <>{short === zone ? zone : `${short} (${zone})`}</>;
}

/** What the server knew first, so that both render the same; what the browser says from then on: the zone, and the region of the language. */
function useReading(): { language: string; zone: string } {
  const locale = useLocale();
  const asked = useRegionalLanguage();
  const known = useTimeZone() ?? 'UTC';
  const [reading, setReading] = useState({ language: asked, zone: known });
  useEffect(() => {
    const regional = navigator.languages.find((each) => each.split('-')[0] === locale);
    const told = { language: regional ?? asked, zone: Intl.DateTimeFormat().resolvedOptions().timeZone || known };
    setReading((now) => (now.language === told.language && now.zone === told.zone ? now : told));
  }, [known, locale, asked]);
  return reading;
}
