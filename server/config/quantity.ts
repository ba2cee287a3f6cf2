// Sizes, durations and counts as people write them in a setting: `16KB`, `60s`, `2000`.

export type Unit = 'bytes' | 'ms' | 'count';

const UNITS: Record<Unit, readonly (readonly [string, number])[]> = {
  bytes: [
    ['GB', 1024 ** 3],
    ['MB', 1024 ** 2],
    ['KB', 1024],
    ['B', 1],
  ],
  ms: [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
    ['ms', 1],
  ],
  count: [['', 1]],
};

/** A whole number of bytes, milliseconds or things; null when the text is none. Letter case is free, and so is a space; nothing needs no unit. */
export function parseQuantity(text: string, unit: Unit): number | null {
  if (/^0{1,12}$/.test(text)) return 0;
  const [, digits = '', suffix = ''] = /^([0-9]{1,12}) ?([a-z]*)$/i.exec(text) ?? [];
  const factor = UNITS[unit].find(([name]) => name.toLowerCase() === suffix.toLowerCase())?.[1];
  const value = Number(digits) * (factor ?? Number.NaN);
  return digits !== '' && Number.isSafeInteger(value) ? value : null;
}

/** In the largest unit that leaves a whole number. */
export function formatQuantity(value: number, unit: Unit): string {
  const [name, factor] = UNITS[unit].find(([, size]) => value >= size && value % size === 0) ?? ['', 1];
  return `${value / factor}${name}`;
}

/** What is wrong with a value, and what to write instead; null when it is within its bounds. */
export function quantityProblem(
  name: string,
  text: string,
  { unit, min, max, example }: { unit: Unit; min: number; max: number; example: number },
): string | null {
  const value = parseQuantity(text, unit);
  if (value !== null && value >= min && value <= max) return null;
  const write = `Write ${formatQuantity(min, unit)} to ${formatQuantity(max, unit)}, for example ${formatQuantity(example, unit)}.`;
  const what = value === null ? `is no ${WORDS[unit]}` : 'is out of bounds';
  return `${name} ${what}: ${JSON.stringify(text)}. ${write}`;
}

const WORDS: Record<Unit, string> = {
  bytes: 'size with a unit',
  ms: 'duration with a unit',
  count: 'number',
};
