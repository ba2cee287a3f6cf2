// The Cookie header as a record, where a name that comes twice counts as absent: nobody can say which one is ours.

/** Names are trimmed of SP and HTAB only (RFC 6265 §5.4); values are left as they are. */
export function readCookies(header: string | null | undefined): Record<string, string> {
  const found = new Map<string, string | null>();
  for (const part of (header ?? '').split(';')) {
    const equals = part.indexOf('=');
    if (equals === -1) continue;
    const name = trim(part.slice(0, equals));
    found.set(name, found.has(name) ? null : trim(part.slice(equals + 1)));
  }
  const cookies: Record<string, string> = Object.create(null);
  for (const [name, value] of found) if (value !== null) cookies[name] = value;
  return cookies;
}

function trim(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}
