// A moment of an earlier day, as people say it.

const DAY_MS = 24 * 60 * 60_000;
const WEEK_DAYS = 7;

/** `yesterday`, `3 days ago`, within a week; then the date. Null on the day itself, whose time of day says more. */
export function dayWords(at: number, now: number, reader: { language: string; zone: string }): string | null {
  const days = dayNumber(now, reader.zone) - dayNumber(at, reader.zone);
  if (days <= 0) return null;
  if (days < WEEK_DAYS) return new Intl.RelativeTimeFormat(reader.language, { numeric: 'auto' }).format(-days, 'day');
  const look = { day: 'numeric', month: 'short', year: 'numeric', timeZone: reader.zone } as const;
  return new Intl.DateTimeFormat(reader.language, look).format(at);
}

/** Days since the epoch by the calendar of a zone. */
function dayNumber(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: 'numeric', day: 'numeric' });
  const read = Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(read.year ?? 0, (read.month ?? 1) - 1, read.day ?? 1) / DAY_MS;
}
