// Domain names as DNS has them: a list of labels of any bytes, compared without regard to ASCII case.
import type { Hostname } from '#server/core/hostname.ts';

declare const nameBrand: unique symbol;

/** Labels from the leaf to the top, one character per byte (U+0000–U+00FF), 1–63 bytes each, at most 255 octets on the wire. The root is empty. */
export type Name = readonly string[] & { readonly [nameBrand]: true };

/** RFC 1035 §2.3.4, counting length octets and the root. */
export const MAX_NAME_OCTETS = 255;
const MAX_LABEL_OCTETS = 63;

export const ROOT = [] as unknown as Name;

/** Reports as null what is no name: an empty or long label, too many octets, a character beyond one byte. */
export function nameFromLabels(labels: readonly string[]): Name | null {
  let octets = 1;
  for (const label of labels) {
    if (label.length === 0 || label.length > MAX_LABEL_OCTETS || /[^\0-\xff]/.test(label)) return null;
    octets += label.length + 1;
  }
  return octets <= MAX_NAME_OCTETS ? (labels as Name) : null;
}

/** A host name is a valid DNS name by its own type. */
export function nameFromHostname(hostname: Hostname): Name {
  return hostname.split('.') as readonly string[] as Name;
}

/** Reads RFC 1035 §5.1 presentation text: `\.`, `\\` and `\DDD` escapes, an optional final dot, `.` for the root. */
export function parseName(text: string): Name | null {
  if (text === '.') return ROOT;
  const labels: string[] = [];
  let label = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '.') {
      labels.push(label);
      label = '';
    } else if (char === '\\') {
      const decimal = /^[0-9]{3}/.exec(text.slice(at + 1, at + 4))?.[0];
      const byte = decimal === undefined ? text.charCodeAt(at + 1) : Number(decimal);
      if (!(byte <= 0xff)) return null;
      label += String.fromCharCode(byte);
      at += decimal === undefined ? 1 : 3;
    } else if (char > ' ' && char <= '~') {
      label += char;
    } else {
      return null;
    }
  }
  if (label !== '') labels.push(label);
  return labels.length === 0 ? null : nameFromLabels(labels);
}

/** Presentation text without the final dot; every byte that is not plain is escaped, so different names never look alike. */
export function nameText(name: Name): string {
  if (name.length === 0) return '.';
  return name.map((label) => label.replace(/[^\x21-\x7e]|[.\\"();@$]/g, escapeByte)).join('.');
}

/** The text under which names that DNS holds equal are equal (RFC 4343: only A–Z fold). */
export function nameKey(name: Name): string {
  return nameText(name).replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function sameName(one: Name, other: Name): boolean {
  return one.length === other.length && nameKey(one) === nameKey(other);
}

/** Reports whether `name` is `zone` or lies below it, label by label. */
export function isAtOrUnder(name: Name, zone: Name): boolean {
  return name.length >= zone.length && nameKey(ancestor(name, zone.length)) === nameKey(zone);
}

/** The last `labelCount` labels of a name. */
export function ancestor(name: Name, labelCount: number): Name {
  return name.slice(name.length - labelCount) as readonly string[] as Name;
}

function escapeByte(char: string): string {
  const code = char.charCodeAt(0);
  return code > 0x20 && code < 0x7f ? `\\${char}` : `\\${String(code).padStart(3, '0')}`;
}
