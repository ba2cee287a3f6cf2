// Foyer's cookies on an app's host: read strictly, and taken out of the Cookie header byte for byte.

export const GRANT_COOKIE = '__Host-foyer-grant';
export const TRY_COOKIE = '__Host-foyer-try';

/**
 * The value of one of our cookies in a flat header list, or null. Names and values are trimmed of SP and HTAB only
 * (RFC 6265 §5.2); a name that occurs twice means none, since one of the two was planted.
 */
export function readCookie(headers: readonly string[], name: string): string | null {
  let found: string | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    if (!isCookieHeader(headers[i])) continue;
    const value = headers[i + 1] ?? '';
    // Nearly all of what a browser sends is not about us.
    if (!value.includes(name)) continue;
    for (const pair of value.split(';')) {
      const equals = pair.indexOf('=');
      if (equals === -1 || trim(pair.slice(0, equals)) !== name) continue;
      if (found !== null) return null;
      found = trim(pair.slice(equals + 1));
    }
  }
  return found;
}

/** A Cookie header's value without our cookies, every other byte as it was; empty when nothing is left. */
export function withoutOurCookies(value: string): string {
  if (!OURS_ANYWHERE.test(value)) return value;
  const kept = value.split(';').filter((pair) => !isOurs(pair));
  const first = kept[0];
  // A leading space stood behind the ';' of a cookie that is gone.
  if (first !== undefined && !value.startsWith(first)) kept[0] = first.replace(/^[ \t]+/, '');
  return kept.join(';');
}

/**
 * Reports whether a Set-Cookie of an app may pass: not one of our names, and not for more than the app's own host
 * (RFC 6265 §5.2.3: a Domain attribute widens a cookie to every sibling app).
 */
export function isAllowedSetCookie(value: string, host: string): boolean {
  const [pair = '', ...attributes] = value.split(';');
  if (isOurs(pair)) return false;
  for (const attribute of attributes) {
    const equals = attribute.indexOf('=');
    if (equals === -1 || trim(attribute.slice(0, equals)).toLowerCase() !== 'domain') continue;
    const domain = trim(attribute.slice(equals + 1))
      .toLowerCase()
      .replace(/^\./, '');
    if (domain !== '' && domain !== host) return false;
  }
  return true;
}

const OURS_ANYWHERE = /__host-foyer-/i;
const OURS = /^[ \t]*(=[ \t]*)?__host-foyer-/i;

function isOurs(pair: string): boolean {
  // Browsers match the `__Host-` prefix without regard to case, so planted spellings are taken out too; so is a cookie
  // without a name, which some send back without the `=` that stood before its value (RFC 6265bis §5.7).
  return OURS.test(pair);
}

function isCookieHeader(name: string | undefined): boolean {
  return name !== undefined && name.length === 6 && name.toLowerCase() === 'cookie';
}

function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return end - start === text.length ? text : text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
