// The gateway's own pages: one small document, readable without script, light and dark, with a strict CSP.
import { createHash } from 'node:crypto';
import { accentStyle, type Brand, PLAIN_BRAND } from '#server/core/brand.ts';
import { DEFAULT_LANGUAGE, directionOf, type Language } from '#server/core/language.ts';
import { readSupport } from '#server/core/support.ts';
import { textsIn } from '#server/core/texts.ts';

export type PageAction = { label: string; href: string; newTab?: boolean } | { label: string; post: string };

export type Page = {
  title: string;
  paragraphs: readonly string[];
  actions?: readonly PageAction[];
  supportId?: string;
  /** Runs during parsing; the page must make sense without it. */
  script?: string;
};

/** Whose page it is, and in which language its reader reads. */
export type Look = { language: Language; brand: Brand };

const PLAIN_LOOK: Look = { language: DEFAULT_LANGUAGE, brand: PLAIN_BRAND };

export type RenderedPage = { body: string; headers: string[] };

/** Colours are those of the portal's foyer.css; a page that comes when the portal does not cannot load it. */
const STYLE = `:root{color-scheme:light dark;--bg:#fafafa;--card:#ffffff;--text:#18181b;--soft:#5f5f68;--line:#e4e4e7;--accent:#3451c7;--on-accent:#ffffff}
@media(prefers-color-scheme:dark){:root{--bg:#0e0e10;--card:#161618;--text:#ececee;--soft:#a0a0aa;--line:#2a2a2e;--accent:#8da2fb;--on-accent:#10131f}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:460px;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:32px}
svg,img{display:block;margin:0 0 16px}img{max-height:40px;max-width:160px}h1{font-size:20px;line-height:1.3;margin:0 0 12px;letter-spacing:-.01em}p{margin:0 0 12px;color:var(--soft);overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:8px;margin-top:20px}form{margin:0}
a.b,button{font:inherit;font-weight:500;font-size:14px;line-height:20px;padding:8px 14px;border-radius:8px;border:1px solid var(--line);background:transparent;color:var(--text);text-decoration:none;cursor:pointer}
nav>:first-child.b,nav>form:first-child button{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
a.b:focus-visible,button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
small{display:block;margin-top:24px;color:var(--soft);font-size:13px}small a{color:inherit}code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;user-select:all}`;
/** The portal's own mark, so that people see whose page this is. */
const MARK = `<svg viewBox="0 0 24 24" width="28" height="28" aria-hidden="true"><rect width="24" height="24" rx="6" fill="var(--accent)"/><path d="M7 19V8.5A1.5 1.5 0 0 1 8.5 7h7A1.5 1.5 0 0 1 17 8.5V19" fill="none" stroke="var(--on-accent)" stroke-width="2" stroke-linecap="round"/><path d="M12.5 19v-8L17 8.5V19Z" fill="var(--on-accent)"/></svg>`;

export function renderPage(page: Page, { language, brand }: Look = PLAIN_LOOK): RenderedPage {
  const { supportId, help } = textsIn(language).pages;
  const script = page.script === undefined ? '' : `<script>${page.script}</script>`;
  const actions = page.actions?.length ? `<nav>${page.actions.map(renderAction).join('')}</nav>` : '';
  const small = [
    ...(page.supportId ? [`${escapeHtml(supportId)} <code>${escapeHtml(page.supportId)}</code>`] : []),
    ...(brand.support ? [`${escapeHtml(help)}: ${renderSupport(brand.support)}`] : []),
  ];
  const style = styleOf(brand.accent);
  const title = brand.company ? `${page.title} · ${brand.company}` : page.title;
  const body = `<!doctype html><html lang="${language}" dir="${directionOf(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${escapeHtml(title)}</title><style>${style.text}</style></head><body>${script}<main>${renderMark(brand)}<h1>${escapeHtml(page.title)}</h1>${page.paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`).join('')}${actions}${small.map((each) => `<small>${each}</small>`).join('')}</main></body></html>`;
  const scriptSource = page.script === undefined ? "'none'" : hashSource(page.script);
  const imageSource = brand.logo ? ' img-src data:;' : '';
  return {
    body,
    headers: [
      'Content-Type',
      'text/html; charset=utf-8',
      'Content-Language',
      language,
      'Cache-Control',
      'no-store',
      'Content-Security-Policy',
      `default-src 'none';${imageSource} style-src ${style.source}; script-src ${scriptSource}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      'X-Content-Type-Options',
      'nosniff',
      'Referrer-Policy',
      'same-origin',
      'Cross-Origin-Opener-Policy',
      'same-origin',
    ],
  };
}

/** A value for an inline script: JSON in which nothing can end the script element. */
export function scriptValue(value: string | number): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function renderAction(action: PageAction): string {
  if ('post' in action) {
    return `<form method="post" action="${escapeHtml(action.post)}"><button>${escapeHtml(action.label)}</button></form>`;
  }
  const target = action.newTab ? ' target="_blank" rel="noopener"' : '';
  return `<a class="b" href="${escapeHtml(action.href)}"${target}>${escapeHtml(action.label)}</a>`;
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
}

/** The last style that was made: nearly always the one that is asked for next. */
let lastStyle = { accent: null as string | null, text: STYLE, source: hashSource(STYLE) };

function styleOf(accent: string | null): { text: string; source: string } {
  if (lastStyle.accent !== accent) {
    const text = accent ? STYLE + accentStyle(accent) : STYLE;
    lastStyle = { accent, text, source: hashSource(text) };
  }
  return lastStyle;
}

function renderMark({ logo, company }: Brand): string {
  return logo ? `<img src="${escapeHtml(logo)}" alt="${escapeHtml(company)}">` : MARK;
}

/** What an administrator wrote, as a link where it is one. */
function renderSupport(written: string): string {
  const contact = readSupport(written);
  if (!contact || contact.kind === 'words') return escapeHtml(written);
  return `<a href="${escapeHtml(contact.href)}">${escapeHtml(contact.text)}</a>`;
}
