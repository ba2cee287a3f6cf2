// Numbers and moments of plots in the reader's words.
import type { useFormatter } from 'next-intl';

/** What the values are: per second, whole things, milliseconds, bytes. */
export type Unit = 'rate' | 'count' | 'ms' | 'bytes';
type Format = ReturnType<typeof useFormatter>;

export function valueText(format: Format, value: number | null, unit: Unit): string {
  if (value === null) return '–';
  switch (unit) {
    case 'rate':
      return `${format.number(value, { maximumSignificantDigits: 2 })}/s`;
    case 'count':
      return format.number(value);
    case 'ms':
      return value < 1_000
        ? format.number(value, { style: 'unit', unit: 'millisecond', maximumSignificantDigits: 2 })
        : format.number(value / 1_000, { style: 'unit', unit: 'second', maximumFractionDigits: 1 });
    case 'bytes':
      return format.number(value / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 0 });
    default:
      return unit satisfies never;
  }
}

const DAY_MS = 24 * 60 * 60_000;

/** As long as the plot needs: the day is said where there are several. */
export function momentText(format: Format, at: number, lengthMs: number): string {
  if (lengthMs <= DAY_MS) return format.dateTime(at, { hour: '2-digit', minute: '2-digit' });
  return format.dateTime(at, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
}
