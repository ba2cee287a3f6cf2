// What a company puts on Foyer's pages: its name, its mark, its colour, and whom people ask.
import { contrast, mix, parseColor, toHex } from './color.ts';

export type Brand = {
  /** '' shows Foyer's own name. */
  company: string;
  /** `#rrggbb`, lower case; null for Foyer's own. White text on it is readable: `accentProblem` says so. */
  accent: string | null;
  /** Whom people ask: an e-mail address, an https URL or a plain text such as a phone number. '' for nobody. */
  support: string;
  /** A WebP as Foyer drew it, as a `data:` URL; null for Foyer's own mark. */
  logo: string | null;
};

export const PLAIN_BRAND: Brand = { company: '', accent: null, support: '', logo: null };

/** The least contrast of text, WCAG 2.2 §1.4.3 (AA). */
const READABLE = 4.5;
const LIGHT_SURFACE = '#f4f4f5';
const DARK_SURFACE = '#1d1d20';

/** An accent as a light and as a dark page show it, with the text that stands on it. */
export type Accent = { light: Shades; dark: Shades };
type Shades = { accent: string; hover: string; onAccent: string; soft: string };

/** Null when the colour can be used. Otherwise the nearest darker one that can. */
export function accentProblem(hex: string): { ratio: number; instead: string } | null {
  const ratio = Math.min(contrast(hex, '#ffffff'), contrast(hex, LIGHT_SURFACE));
  if (ratio >= READABLE) return null;
  return { ratio, instead: toward(hex, '#000000', LIGHT_SURFACE) };
}

/** The shades of an accent that `accentProblem` let pass: on dark pages it is lightened until it can be read. */
export function accentOf(hex: string): Accent {
  const dark = toward(hex, '#ffffff', DARK_SURFACE);
  return {
    light: {
      accent: hex,
      hover: mix(hex, '#000000', 0.15),
      onAccent: '#ffffff',
      soft: mix('#ffffff', hex, 0.08),
    },
    dark: { accent: dark, hover: mix(dark, '#ffffff', 0.2), onAccent: '#101114', soft: mix('#161618', dark, 0.16) },
  };
}

/** CSS that puts the accent over the one of foyer.css. Only digits and letters of a parsed colour get into it. */
export function accentStyle(hex: string): string {
  const { light, dark } = accentOf(hex);
  return `:root{${declarations(light)}}@media(prefers-color-scheme:dark){:root{${declarations(dark)}}}`;
}

function declarations({ accent, hover, onAccent, soft }: Shades): string {
  return `--accent:${accent};--accent-hover:${hover};--on-accent:${onAccent};--accent-soft:${soft};--ring:${accent}`;
}

/** The colour, as little nearer to `end` as makes it readable on `surface`. */
function toward(hex: string, end: string, surface: string): string {
  for (let part = 0; part < 1; part += 0.05) {
    const mixed = mix(hex, end, part);
    if (contrast(mixed, surface) >= READABLE) return mixed;
  }
  return end;
}

/** `#rgb` or `#rrggbb` in any case, as `#rrggbb`; null for anything else. */
export function parseAccent(text: string): string | null {
  const color = parseColor(text);
  return color && toHex(color);
}
