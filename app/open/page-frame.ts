// The HTML of /open, which is a route handler because its answer depends on one origin: no framework script may delay it.
import { escapeHtml } from '../request/html.ts';

export type OpenPage = {
  title: string;
  /** Inside `<head>`: for the pages that only lead on. */
  head?: string;
  body: string;
  nonce: string;
  /** The one origin that a form of this page may be sent to. */
  formAction?: string;
};

const BRAND = `<a class="notice-brand" href="/"><svg viewBox="0 0 24 24" aria-hidden="true"><rect width="24" height="24" rx="6" fill="var(--accent)"/><path d="M7 19V8.5A1.5 1.5 0 0 1 8.500 7h7A1.5 1.5 0 0 1 17 8.500V19" fill="none" stroke="var(--on-accent)" stroke-width="2" stroke-linecap="round"/><path d="M12.500 19v-8L17 8.500V19Z" fill="var(--on-accent)"/></svg>Foyer</a>`;

export function openPage({ title, head = '', body, nonce, formAction = "'self'" }: OpenPage): Response {
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Foyer</title>${head}<link rel="stylesheet" href="/foyer.css"><link rel="icon" href="/icon.svg"></head>
<body>${body}</body></html>`;
  return new Response(html, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action ${formAction}; frame-ancestors 'none'`,
      'cache-control': 'no-store, private',
      // With `no-referrer` or `same-origin` the browser would send `Origin: null` to the app's host (Fetch §3.2.2).
      'referrer-policy': 'strict-origin',
    },
  });
}

/** The page that a person reads. `paragraphs`, `facts` and `actions` are HTML, made of escaped text. */
export function notice(parts: {
  title: string;
  paragraphs: readonly string[];
  facts?: readonly (readonly [name: string, value: string])[];
  actions: readonly string[];
  supportId: string | null;
}): string {
  const facts = parts.facts?.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('');
  return `<main class="notice">${BRAND}<h1>${escapeHtml(parts.title)}</h1>
${parts.paragraphs.map((text) => `<p>${text}</p>`).join('\n')}
${facts ? `<dl>${facts}</dl>` : ''}<div class="notice-actions">${parts.actions.join('')}</div>
${parts.supportId ? `<p class="notice-support">Support id <code>${escapeHtml(parts.supportId)}</code></p>` : ''}</main>`;
}
