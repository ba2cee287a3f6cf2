// An e-mail address as a label of a person: strict enough that two readers cannot understand two addresses.
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import { read } from './field.ts';

/** `folded` is what is compared: lower case, NFKC, the domain in ASCII. */
export type Email = { email: string; folded: string; domain: Hostname };

/**
 * NFKC first, so that a full-width ＠ counts as the @ it looks like; then exactly one @, a dot-atom of ASCII before it
 * (RFC 5322 §3.2.3, no quotes, no comments: nothing that a second parser could split elsewhere) and a host name behind it.
 */
export function parseEmail(text: string): Email | null {
  const normal = text.normalize('NFKC').trim();
  if (normal.length > 254) return null;
  const parts = normal.split('@');
  const [local, host] = parts;
  if (parts.length !== 2 || !local || !host || local.length > 64) return null;
  if (!/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/.test(local)) return null;
  const domain = host.endsWith('.') ? null : parseHostname(host);
  if (!domain) return null;
  return { email: `${local}@${domain}`, folded: `${local.toLowerCase()}@${domain}`, domain };
}

export const email = read(parseEmail, 'This is no e-mail address. Write one such as ada@corp.example.', 320);
