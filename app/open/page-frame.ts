// The HTML of /open, which is a route handler because its answer depends on one origin: no framework script may delay it.
import { getLocale, getTranslations } from 'next-intl/server';
import { accentStyle } from '#server/core/brand.ts';
import { directionOf } from '#server/core/language.ts';
import { currentBrand, productName } from '../brand/current-brand.ts';
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

const MARK = `<svg viewBox="0 0 24 24" aria-hidden="true"><rect width="24" height="24" rx="6" fill="var(--accent)"/><path d="M7 19V8.5A1.5 1.5 0 0 1 8.500 7h7A1.5 1.5 0 0 1 17 8.500V19" fill="none" stroke="var(--on-accent)" stroke-width="2" stroke-linecap="round"/><path d="M12.500 19v-8L17 8.500V19Z" fill="var(--on-accent)"/></svg>`;

export async function openPage({ title, head = '', body, nonce, formAction = "'self'" }: OpenPage): Promise<Response> {
  const language = await getLocale();
  const brand = currentBrand();
  const style = brand.accent ? `<style nonce="${nonce}">${accentStyle(brand.accent)}</style>` : '';
  const html = `<!doctype html>
<html lang="${language}" dir="${directionOf(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(`${title} · ${productName(brand)}`)}</title>${head}<link rel="stylesheet" href="/foyer.css">${style}<link rel="icon" href="/icon.svg"></head>
<body>${body}</body></html>`;
  return new Response(html, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; base-uri 'none'; form-action ${formAction}; frame-ancestors 'none'`,
      'cache-control': 'no-store, private',
      // With `no-referrer` or `same-origin` the browser would send `Origin: null` to the app's host (Fetch §3.2.2).
      'referrer-policy': 'strict-origin',
    },
  });
}

/** The page that a person reads. `paragraphs`, `facts` and `actions` are HTML, made of escaped text. */
export async function notice(parts: {
  title: string;
  paragraphs: readonly string[];
  facts?: readonly (readonly [name: string, value: string])[];
  actions: readonly string[];
  supportId: string | null;
}): Promise<string> {
  const t = await getTranslations('common');
  const brand = currentBrand();
  const mark = brand.logo ? `<img src="${escapeHtml(brand.logo)}" alt="">` : MARK;
  const facts = parts.facts?.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('');
  return `<main class="notice"><a class="notice-brand" href="/">${mark}${escapeHtml(productName(brand))}</a><h1>${escapeHtml(parts.title)}</h1>
${parts.paragraphs.map((text) => `<p>${text}</p>`).join('\n')}
${facts ? `<dl>${facts}</dl>` : ''}<div class="notice-actions">${parts.actions.join('')}</div>
${parts.supportId ? `<p class="notice-support">${escapeHtml(t('supportId'))} <code>${escapeHtml(parts.supportId)}</code></p>` : ''}</main>`;
}
