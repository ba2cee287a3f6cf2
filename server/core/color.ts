// sRGB colours as people write them, and how well one can be read on the other (WCAG 2.2).

export type Color = readonly [red: number, green: number, blue: number];

/** `#rgb` or `#rrggbb`; each part from 0 to 255. */
export function parseColor(text: string): Color | null {
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1];
  if (!digits) return null;
  const six = digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits;
  const part = (at: number) => Number.parseInt(six.slice(at, at + 2), 16);
  return [part(0), part(2), part(4)];
}

export function toHex(color: Color): string {
  return `#${color.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

/** `part` of 1 is `b`. Both are hex texts. */
export function mix(a: string, b: string, part: number): string {
  const [from, to] = [known(a), known(b)];
  const between = (at: 0 | 1 | 2) => from[at] + (to[at] - from[at]) * part;
  return toHex([between(0), between(1), between(2)]);
}

/** From 1 (the same) to 21 (black on white). Both are hex texts. */
export function contrast(a: string, b: string): number {
  const [lighter = 0, darker = 0] = [luminance(known(a)), luminance(known(b))].sort((x, y) => y - x);
  return (lighter + 0.05) / (darker + 0.05);
}

/** WCAG 2.2, “relative luminance”. */
function luminance(color: Color): number {
  const [red = 0, green = 0, blue = 0] = color.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Colours get here parsed: black is for what cannot happen. */
function known(hex: string): Color {
  return parseColor(hex) ?? [0, 0, 0];
}
