// An answer in the app's public terms: addresses and cookies that the upstream wrote for its own name, and the app's own edits.
import { parseAddress } from '#server/core/address.ts';
import type { HeaderEdit, Traffic, Upstream } from '#server/core/app.ts';
import { type Hostname, isWithin, parseHostname } from '#server/core/hostname.ts';

/** How the answering upstream is called, inside and outside. */
export type AnswerNames = {
  /** The one that answered. */
  upstream: Upstream;
  /** The Host header that it was sent. */
  sentHost: string;
  /** Of this request, without a trailing slash. */
  publicOrigin: string;
  publicHost: Hostname;
};

/** A flat header list as the app's `traffic` wants it; the same list when there is nothing to do. */
export function mapAnswer(headers: readonly string[], traffic: Traffic, names: AnswerNames): readonly string[] {
  const mapped = traffic.mapLocation || traffic.mapCookieDomain ? mapNames(headers, traffic, names) : headers;
  return editHeaders(mapped, traffic.responseHeaders);
}

/**
 * Location and Content-Location (RFC 9110 §10.2.2, §8.7): a URL of the upstream's own origin, by its name or by the Host it
 * was sent, becomes one of the public origin; everything behind the authority stays byte for byte, as does any other value.
 */
export function mapLocation(value: string, names: AnswerNames): string {
  // Most are paths.
  if (!value.includes('//')) return value;
  const [, scheme = '', authority = '', rest = ''] = /^(?:(https?):)?\/\/([^/?#\\]*)([^\\]*)$/i.exec(value) ?? [];
  if (authority === '' || !/^([/?#]|$)/.test(rest)) return value;
  const origin = originOf(scheme === '' ? names.upstream.scheme : scheme.toLowerCase(), authority);
  if (origin === null || !ownOrigins(names).includes(origin)) return value;
  return names.publicOrigin + rest;
}

/** Refresh (HTML §4.6.7): the URL in it as `mapLocation` has it. */
export function mapRefresh(value: string, names: AnswerNames): string {
  const [, before = '', quote = '', url = '', after = ''] = REFRESH.exec(value) ?? [];
  const mapped = mapLocation(url, names);
  return mapped === url ? value : before + quote + mapped + after;
}

/**
 * Set-Cookie (RFC 6265 §4.1.2.3): a Domain that covers the upstream's own host name and not the public one is taken out, so
 * that the cookie is the public host's alone; every other byte stays. What is wider than the app is for the filter after this.
 */
export function mapSetCookie(value: string, names: AnswerNames): string {
  if (!/domain/i.test(value)) return value;
  const [pair = '', ...attributes] = value.split(';');
  const domains = attributes.map(domainOf).filter((domain) => domain !== null);
  // With several the last one counts (§5.3), so one that stays decides for all.
  if (domains.length === 0 || !domains.every((domain) => isOwnDomain(domain, names))) return value;
  return [pair, ...attributes.filter((attribute) => domainOf(attribute) === null)].join(';');
}

/** Each edit replaces every line of its name, at the first one's place, or removes them; a new name comes last. */
export function editHeaders(headers: readonly string[], edits: readonly HeaderEdit[]): readonly string[] {
  if (edits.length === 0) return headers;
  const byName = new Map(edits.map((edit) => [edit.name.toLowerCase(), edit]));
  const written = new Set<string>();
  const out: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const key = name.toLowerCase();
    const edit = byName.get(key);
    if (!edit) out.push(name, headers[i + 1] ?? '');
    else if (edit.value !== null && !written.has(key)) out.push(edit.name, edit.value);
    if (edit) written.add(key);
  }
  for (const [key, { name, value }] of byName) if (value !== null && !written.has(key)) out.push(name, value);
  return out;
}

const REFRESH = /^(\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?)(["']?)([^"']*)(["']?.*)$/i;

function mapNames(headers: readonly string[], traffic: Traffic, names: AnswerNames): readonly string[] {
  let out: string[] | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const value = headers[i + 1] ?? '';
    const mapped = mapLine(headers[i] ?? '', value, traffic, names);
    if (mapped === value) continue;
    out ??= [...headers];
    out[i + 1] = mapped;
  }
  return out ?? headers;
}

function mapLine(name: string, value: string, traffic: Traffic, names: AnswerNames): string {
  // The length alone rules out nearly every header.
  switch (name.length) {
    case 7:
      return traffic.mapLocation && name.toLowerCase() === 'refresh' ? mapRefresh(value, names) : value;
    case 8:
      return traffic.mapLocation && name.toLowerCase() === 'location' ? mapLocation(value, names) : value;
    case 16:
      return traffic.mapLocation && name.toLowerCase() === 'content-location' ? mapLocation(value, names) : value;
    case 10:
      return traffic.mapCookieDomain && name.toLowerCase() === 'set-cookie' ? mapSetCookie(value, names) : value;
    default:
      return value;
  }
}

/** Every way in which the upstream may name itself: where it listens, and what it was called in the request. */
function ownOrigins({ upstream, sentHost }: AnswerNames): (string | null)[] {
  const places = [upstream, ...upstream.replicas].map(({ host, port }) => `${bracketed(host)}:${port}`);
  return [...places, sentHost].map((authority) => originOf(upstream.scheme, authority));
}

/** Scheme, host and port in one spelling; null for what is no plain host and port, as a URL with a user in it. */
function originOf(scheme: string, authority: string): string | null {
  const [, name = '', digits = ''] = /^(\[[^\]]+\]|[^:@[\]]+)(?::(\d{0,5}))?$/.exec(authority) ?? [];
  const host = name.startsWith('[') ? parseAddress(name.slice(1, -1)) : (parseAddress(name) ?? parseHostname(name));
  if (host === null) return null;
  const port = digits === '' ? (scheme === 'https' ? 443 : 80) : Number(digits);
  return `${scheme}://${bracketed(host)}:${port}`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** The Domain attribute's value as browsers read it (RFC 6265 §5.2.3), or null for another attribute. An empty one says nothing. */
function domainOf(attribute: string): string | null {
  const [, text = ''] = /^[ \t]*domain[ \t]*=(.*)$/i.exec(attribute) ?? [];
  return text.trim().replace(/^\./, '') || null;
}

function isOwnDomain(text: string, { upstream, publicHost }: AnswerNames): boolean {
  const { hostHeader } = upstream;
  const own = [upstream, ...upstream.replicas].map(({ host }) => host);
  const address = parseAddress(text);
  if (address !== null) return own.includes(address);
  const domain = parseHostname(text);
  if (domain === null || isWithin(publicHost, domain)) return false;
  const names = [...own, ...(hostHeader.kind === 'fixed' ? [hostHeader.value] : [])];
  return names.map(String).some((name) => parseAddress(name) === null && isWithin(name as Hostname, domain));
}
