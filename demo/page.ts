// The calm page that the sample apps share: escaped HTML, a few inline styles, light and dark.

/** Text that is HTML already; everything else is escaped on its way in. */
export type Html = { readonly html: string };
type Piece = Html | string | number | readonly Html[];

export function html(parts: TemplateStringsArray, ...values: Piece[]): Html {
  return { html: parts.reduce((text, part, at) => text + render(values[at - 1] ?? '') + part) };
}

export function raw(text: string): Html {
  return { html: text };
}

export function page({ app, title, nav, body }: { app: string; title: string; nav: Html; body: Html }): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title} · ${app}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header><strong>${app}</strong><nav aria-label="${app}">${nav}</nav></header>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.html;
}

function render(value: Piece): string {
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return 'html' in value ? value.html : value.map((piece) => piece.html).join('');
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const STYLE = `
:root { --ink: #1c2024; --soft: #5f6b76; --line: #e3e6e8; --back: #fbfbfa; --card: #fff; --accent: #2f6f4f; --good: #2f6f4f; --bad: #b3372e }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaec; --soft: #98a2ab; --line: #2a3036; --back: #14171a; --card: #1b1f23; --accent: #7cc4a0; --good: #7cc4a0; --bad: #f0938a }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.6 system-ui, sans-serif }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; padding: 1rem clamp(1rem, 5vw, 3rem); border-bottom: 1px solid var(--line) }
nav { display: flex; flex-wrap: wrap; gap: 1rem }
main { max-width: 52rem; padding: 1.5rem clamp(1rem, 5vw, 3rem) 4rem }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0 1rem } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
a { color: var(--accent); text-underline-offset: .2em } :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px }
p, ul, dl { margin: 0 0 1rem } .soft { color: var(--soft) } .good { color: var(--good) } .bad { color: var(--bad) }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem; margin: 0 0 1rem }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem } .numbers .card { margin: 0 }
.numbers dt { color: var(--soft); font-size: .85rem } .numbers dd { margin: 0; font-size: 1.6rem; font-variant-numeric: tabular-nums }
label { display: block; font-size: .9rem; margin: .75rem 0 .25rem }
input, textarea { width: 100%; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .5rem .75rem }
input[type=file] { padding: .4rem } textarea { min-height: 9rem; resize: vertical }
button { font: inherit; color: var(--back); background: var(--accent); border: 0; border-radius: 8px; padding: .5rem 1rem; margin-top: .75rem; cursor: pointer }
button.quiet { color: var(--accent); background: none; border: 1px solid var(--line); padding: .2rem .6rem; margin: 0 }
table { width: 100%; border-collapse: collapse; font-size: .9rem } th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line) }
td { overflow-wrap: anywhere } @media (min-width: 40rem) { td:first-child { white-space: nowrap } } code, pre { font: .9em/1.5 ui-monospace, monospace } pre { overflow: auto } img { max-width: 100%; height: auto }
ol.chat { list-style: none; margin: 0; padding: 0; min-height: 8rem; max-height: 20rem; overflow: auto } ol.chat li { padding: .2rem 0 }
.row { display: flex; gap: .5rem; align-items: end } .row > :first-child { flex: 1 } .row button { margin: 0 }
`;
