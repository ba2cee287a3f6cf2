// Header settings that name the upstream follow it: an app that checks the Origin it is sent would refuse the former one at its new place.

import { textOf } from '../form/form-values.ts';

/** An upstream as headers name it: `https://wiki.corp.internal:8443`, and `wiki.corp.internal:8443` alone. A scheme's own port is left out (RFC 6454 §6.1). */
export type Names = { origin: string; authority: string };

/** Null while what stands in the form is no place yet. */
export function upstreamNames(form: FormData): Names | null {
  const [scheme, host, port] = ['scheme', 'host', 'port'].map((name) => textOf(form, `upstream.${name}`).trim());
  if (!host) return null;
  const url = URL.parse(`${scheme}://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`);
  return url && { origin: url.origin, authority: url.host };
}

/**
 * The fields that named the upstream as it was, by name, with what they say of it as it is. Whatever else was written there is meant
 * to be something else, and stays.
 */
export function followUpstream(form: FormData, before: Names, after: Names): ReadonlyMap<string, string> {
  const followed = new Map<string, string>();
  for (const [field, name] of form) {
    const [, path] = /^(traffic\.requestHeaders\.\d+)\.name$/.exec(field) ?? [];
    if (path === undefined || String(name).trim().toLowerCase() !== 'origin') continue;
    if (form.get(`${path}.value`) === before.origin) followed.set(`${path}.value`, after.origin);
  }
  const host = 'upstream.hostHeader.value';
  if (form.get(host) === before.authority) followed.set(host, after.authority);
  return before.origin === after.origin ? new Map() : followed;
}
