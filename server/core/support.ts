// How to get help: an e-mail address, a page, a telephone number or plain words, and the link that each of them is.

export type SupportContact =
  | { kind: 'email' | 'page' | 'phone'; text: string; href: string }
  | { kind: 'words'; text: string };

/**
 * Null when a text pretends to be a link that nobody should follow: another scheme than https, credentials in it, or an
 * address that mail programs would read as more than one. '' is no contact, and null as well.
 */
export function readSupport(written: string): SupportContact | null {
  const text = written.trim();
  if (text === '' || /[\p{Cc}\u2028\u2029]/u.test(text)) return null;
  if (/^https:\/\//i.test(text)) return readPage(text);
  if (/^[a-z][a-z0-9+.-]*:\S/i.test(text)) return null;
  if (/^\S+@\S+$/.test(text)) return isPlainEmail(text) ? { kind: 'email', text, href: `mailto:${text}` } : null;
  const digits = text.replace(/[\s().\-/]/g, '');
  if (/^\+?\d{3,15}$/.test(digits)) return { kind: 'phone', text, href: `tel:${digits}` };
  return { kind: 'words', text };
}

function readPage(text: string): SupportContact | null {
  const url = URL.parse(text);
  return url && !url.username && !url.password ? { kind: 'page', text, href: url.href } : null;
}

/** One address of letters that mean the same in a mailto link: no quotes, commas, queries or percent signs. */
function isPlainEmail(text: string): boolean {
  return /^[A-Za-z0-9._+-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text);
}
