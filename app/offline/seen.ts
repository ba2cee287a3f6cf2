// What every page leaves behind for the offline page: when Foyer was last reached, and the company's look. It tells of no person.
import { type Brand, PLAIN_BRAND } from '#server/core/brand.ts';

type Look = Pick<Brand, 'company' | 'accent' | 'logo'>;
/** `at`: epoch milliseconds by this device's clock. */
export type Seen = { at: number; look: Look };

const KEY = 'foyer-seen';

export function noteSeen(at: number, { company, accent, logo }: Look): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ at, look: { company, accent, logo } } satisfies Seen));
  } catch {
    // A browser that keeps nothing shows no time, and Foyer's own look.
  }
}

export function lastSeen(): Seen | null {
  try {
    const seen: Seen | null = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    return seen && { at: seen.at, look: { ...PLAIN_BRAND, ...seen.look } };
  } catch {
    return null;
  }
}
