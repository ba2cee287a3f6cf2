// Domain names as DNS has them: a list of labels of any bytes, compared without regard to ASCII case.
import type { Hostname } from '#server/core/hostname.ts';

declare const nameBrand: unique symbol;

/** Labels from the leaf to the top, one character per byte (U+0000–U+00FF), 1–63 bytes each, at most 255 octets on the wire. The root is empty. */
export type Name = readonly string[] & { readonly [nameBrand]: true };

/** RFC 1035 §2.3.4, counting length octets and the root. */
export const MAX_NAME_OCTETS = 255;
const MAX_LABEL_OCTETS = 63;

const TO_ESCAPE = /[^\x21-\x7e]|[.\\"();@$]/;
const ALL_TO_ESCAPE = new RegExp(TO_ESCAPE, 'g');

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
  return name.map((label) => label.replace(ALL_TO_ESCAPE, escapeByte)).join('.');
}

/** The text under which names that DNS holds equal are equal (RFC 4343: only A–Z fold). */
export function nameKey(name: Name): string {
  if (name.length === 0) return '.';
  let key = '';
  for (const label of name) key += key === '' ? labelKey(label) : `.${labelKey(label)}`;
  return key;
}

/** The keys of a name and of every name above it, the longest first and the root last. */
export function nameKeys(name: Name): string[] {
  const keys = ['.'];
  let key = '';
  for (const label of name.toReversed()) {
    key = key === '' ? labelKey(label) : `${labelKey(label)}.${key}`;
    keys.push(key);
  }
  return keys.reverse();
}

export function sameName(one: Name, other: Name): boolean {
  return one.length === other.length && isAtOrUnder(one, other);
}

/** Reports whether `name` is `zone` or lies below it, label by label. */
export function isAtOrUnder(name: Name, zone: Name): boolean {
  const extra = name.length - zone.length;
  if (extra < 0) return false;
  // From the top: names of one place share their last labels.
  for (let at = zone.length - 1; at >= 0; at--) if (!sameLabel(name[extra + at] ?? '', zone[at] ?? '')) return false;
  return true;
}

/** The last `labelCount` labels of a name. */
export function ancestor(name: Name, labelCount: number): Name {
  return name.slice(name.length - labelCount) as readonly string[] as Name;
}

function sameLabel(one: string, other: string): boolean {
  if (one === other) return true;
  return one.length === other.length && labelKey(one) === labelKey(other);
}

const PLAIN = 0;
const UPPER = 1;
const ESCAPED = 2;

/** What each byte asks of a key. */
const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return TO_ESCAPE.test(char) ? ESCAPED : char >= 'A' && char <= 'Z' ? UPPER : PLAIN;
});

function labelKey(label: string): string {
  let most = PLAIN;
  for (let at = 0; at < label.length; at++) {
    const kind = kinds[label.charCodeAt(at)] ?? ESCAPED;
    if (kind > most) most = kind;
  }
  // Without escapes there is nothing but ASCII, where toLowerCase folds A–Z alone.
  if (most !== ESCAPED) return most === PLAIN ? label : label.toLowerCase();
  return label.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()).replace(ALL_TO_ESCAPE, escapeByte);
}

function escapeByte(char: string): string {
  const code = char.charCodeAt(0);
  return code > 0x20 && code < 0x7f ? `\\${char}` : `\\${String(code).padStart(3, '0')}`;
}
