// Reads what a probed page says about its app. Every expression is linear: the page is a stranger's.
import { type Hostname, isWithin, parseHostname } from './hostname.ts';
import type { Leads, ProbedLogin, ProbedPage, ProbeHop } from './probe.ts';

export function titleOf(html: string): string {
  const title = /<title[^>]{0,200}>([^<]{0,300})/i.exec(html)?.[1] ?? '';
  return title.replace(/\s+/g, ' ').trim().slice(0, 120);
}

/** Where a Location leads. `at` is what was asked, as the upstream has it: `http://wiki.corp.internal:8080`. */
export function whereTo(location: string, at: URL, publicHost: string): { leads: Leads; url: URL | null } {
  if (!URL.canParse(location, at)) return { leads: 'within', url: null };
  const url = new URL(location, at);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { leads: 'elsewhere', url };
  const isOwnName = url.hostname === at.hostname || url.hostname === publicHost;
  if (isOwnName && url.protocol === 'https:' && at.protocol === 'http:') return { leads: 'to-https', url };
  if (/^(?!\/\/)[^:]*$/.test(location.split(/[?#]/, 1)[0] ?? '')) return { leads: 'within', url };
  if (url.hostname === at.hostname) return { leads: 'internal', url };
  return { leads: url.hostname === publicHost ? 'public' : 'elsewhere', url };
}

/** Absolute links to the upstream's own name, or into its private zones; most frequent first. */
export function internalLinks(
  html: string,
  internal: string,
  zones: readonly Hostname[],
): { host: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const [, host = ''] of html.matchAll(/\b(?:https?|wss?):\/\/([a-z0-9.-]{1,253})/gi)) {
    const name = parseHostname(host);
    const isInside = host.toLowerCase() === internal || (name !== null && zones.some((zone) => isWithin(name, zone)));
    if (isInside) counts.set(host.toLowerCase(), (counts.get(host.toLowerCase()) ?? 0) + 1);
  }
  return [...counts].map(([host, count]) => ({ host, count })).sort((a, b) => b.count - a.count);
}

/** The address that a page registers a service worker from; null when it registers none that can be seen. */
export function registeredWorker(html: string): string | null {
  return /serviceWorker\s{0,20}\.\s{0,20}register\s{0,20}\(\s{0,20}["'`]([^"'`\s]{1,300})["'`]/.exec(html)?.[1] ?? null;
}

/** Paths of WebSockets that a page names itself. */
export function namedWebSockets(html: string): string[] {
  const found = [...html.matchAll(/\bwss?:\/\/[a-z0-9.:-]{1,260}(\/[\w/.-]{0,200})/gi)].map(([, path = '/']) => path);
  return [...new Set(found)].slice(0, 3);
}

export function loginOf(page: ProbedPage, html: string, challenges: readonly string[]): ProbedLogin {
  const away = page.hops.find(({ leads }) => leads === 'elsewhere');
  if (away && URL.canParse(away.location)) return { kind: 'elsewhere', host: new URL(away.location).hostname };
  if (page.status === 401) {
    if (challenges.some((each) => /^(negotiate|ntlm)\b/i.test(each))) return { kind: 'negotiate' };
    if (challenges.some((each) => /^basic\b/i.test(each))) return { kind: 'basic' };
  }
  return /<input\b[^>]{0,500}type\s{0,5}=\s{0,5}["']?password/i.test(html) ? { kind: 'form' } : { kind: 'none' };
}

/** Reports whether an app is at home at this answer: a page, a way within itself, or the question who is asking. */
export function isWell(page: ProbedPage | null): boolean {
  if (page === null || page.status === null) return false;
  return page.status < 400 || page.status === 401;
}

export function wantedHost(asPublic: ProbedPage, asInternal: ProbedPage | null) {
  if (asInternal === null) return isWell(asPublic) ? 'either' : 'neither';
  if (isWell(asPublic) !== isWell(asInternal)) return isWell(asPublic) ? 'public' : 'internal';
  if (!isWell(asPublic)) return 'neither';
  const isSame = asPublic.title === asInternal.title && asPublic.status === asInternal.status;
  return isSame || asPublic.title === '' || asInternal.title === '' ? 'either' : 'different';
}

/** The port of its own that an app leads http to; null when it does not. */
export function httpsPortOf(hops: readonly ProbeHop[]): number | null {
  const hop = hops.find(({ leads }) => leads === 'to-https');
  if (!hop || !URL.canParse(hop.location)) return null;
  return Number(new URL(hop.location).port || 443);
}
