// How far away a moment is, in the largest unit that says it well.

const UNITS = [
  ['day', 24 * 60 * 60_000],
  ['hour', 60 * 60_000],
  ['minute', 60_000],
] as const;

/** `in 23 hours`, `in 6 days`, `in 1 minute`; of a moment that has come, the last minute. Rounds down: nobody has longer than it says. */
export function fromNow(ms: number, language: string): string {
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'always' });
  for (const [unit, length] of UNITS) {
    // Two days are said in days, one and a half in hours.
    if (ms >= length * (unit === 'day' ? 2 : 1)) return words.format(Math.floor(ms / length), unit);
  }
  return words.format(ms > 0 ? 1 : 0, 'minute');
}
