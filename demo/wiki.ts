// The sample wiki: pages that link to each other, a cookie of its own, forms, uploads and downloads, attachments on a second host.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Attachment, answerFiles, drawing } from './attachments.ts';
import { type Html, html, page } from './page.ts';
import { readArguments, serve } from './part.ts';
import { readForm } from './read-body.ts';

const {
  address,
  port,
  origin,
  'files-origin': filesOrigin,
} = readArguments('address', 'port', 'origin', 'files-origin');

/** In memory: what people write is gone with the process. */
type WikiPage = { title: string; text: string; author: string; changedAt: Date };
const pages = new Map<string, WikiPage>([
  ['welcome', written('Welcome', welcomeText())],
  [
    'travel',
    written(
      'Travel expenses',
      'Keep the receipts. The [[welcome|front page]] has the rest.\n\nTrains before planes, and a day of rest after a night flight.',
    ),
  ],
  [
    'printer',
    written(
      'The printer on floor 3',
      'It jams when it rains. Open tray 2, wait ten seconds, close it.\n\nSee also [[travel|travel expenses]].',
    ),
  ],
]);
const attachments = new Map<string, Attachment>([
  ['floor-plan.svg', { type: 'image/svg+xml', bytes: Buffer.from(drawing()) }],
  [
    'handbook.txt',
    { type: 'text/plain; charset=utf-8', bytes: Buffer.from('The handbook.\nBe kind. Write things down.\n') },
  ],
]);

await serve({ address, port: Number(port) }, (request, response) => {
  answer(request, response).catch((error: unknown) => {
    process.stderr.write(`wiki: ${String(error)}\n`);
    if (response.headersSent) response.destroy();
    else send(response, 500, 'Something broke', html`<p>The wiki lost its thread. Try again.</p>`);
  });
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.headers.host === new URL(filesOrigin).host) return answerFiles(request, response, attachments, origin);
  const url = new URL(request.url ?? '/', origin);
  const [, area, name] = url.pathname.split('/').map(decode);
  const key = `${request.method} /${area ?? ''}`;
  switch (key) {
    case 'GET /':
      return redirect(response, '/pages/welcome');
    case 'GET /pages':
      return name ? showPage(request, response, name) : listPages(response);
    case 'GET /edit':
      return showForm(response, name ?? '');
    case 'POST /edit':
      return savePage(request, response, name ?? '');
    case 'GET /attachments':
      return showAttachments(response);
    case 'POST /attachments':
      return upload(request, response);
    case 'GET /download':
      return download(response, name ?? '');
    // As old applications do: an absolute address, made from the Host that arrived.
    case 'GET /latest':
      return redirect(response, `${origin}/pages/${latest()}`);
    default:
      return send(response, 404, 'No such page', html`<p>There is nothing here. <a href="/pages">All pages</a></p>`);
  }
}

/** The wiki's own cookie counts visits; Foyer passes it on and never looks at it. */
function showPage(request: IncomingMessage, response: ServerResponse, name: string): void {
  const found = pages.get(name);
  const visits = Number(/(?:^|;\s*)wiki-visits=(\d{1,6})/.exec(request.headers.cookie ?? '')?.[1] ?? 0) + 1;
  response.setHeader('set-cookie', `wiki-visits=${visits}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000`);
  if (!found) {
    const invitation = html`<p>Nobody has written this page yet. <a href="/edit/${encodeURIComponent(name)}">Write it</a></p>`;
    return send(response, 404, name, invitation);
  }
  const changed = `${found.author}, ${found.changedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  send(
    response,
    200,
    found.title,
    html`<div class="card">${found.text.split(/\n\s*\n/).map((paragraph) => html`<p>${withLinks(paragraph)}</p>`)}</div>
<p id="changed" class="soft">Written by ${changed}. You have read ${visits} ${visits === 1 ? 'page' : 'pages'} here.</p>
<p><a href="../edit/${encodeURIComponent(name)}">Edit this page</a></p>`,
  );
}

function listPages(response: ServerResponse): void {
  // One link of each kind that an application writes: absolute, by path, and relative to here.
  const links = [...pages].map(([name, { title }], at) => {
    const path = encodeURIComponent(name);
    const href = [`${origin}/pages/${path}`, `/pages/${path}`, `pages/${path}`][at % 3] ?? '';
    return html`<li><a href="${href}">${title}</a></li>`;
  });
  send(response, 200, 'All pages', html`<ul>${links}</ul><p><a href="/latest">The latest change</a></p>`);
}

function showForm(response: ServerResponse, name: string): void {
  const found = pages.get(name);
  send(
    response,
    200,
    found ? `Edit: ${found.title}` : 'Write a page',
    html`<form method="post" action="/edit/${encodeURIComponent(name)}">
<label for="title">Title</label><input id="title" name="title" required maxlength="80" value="${found?.title ?? ''}">
<label for="text">Text</label><textarea id="text" name="text" required maxlength="20000">${found?.text ?? ''}</textarea>
<p class="soft">An empty line begins a paragraph; [[page|words]] makes a link.</p>
<button>Save</button></form>`,
  );
}

async function savePage(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
  const form = await readForm(request);
  const title = textOf(form, 'title').trim();
  const text = textOf(form, 'text').trim();
  if (!title || !text || title.length > 80 || text.length > 20_000 || pages.size >= 500)
    return send(
      response,
      422,
      'Not saved',
      html`<p>A page needs a title of at most 80 letters, and text. <a href="/edit/">Try again</a></p>`,
    );
  const slug =
    name ||
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '') ||
    'page';
  pages.set(slug, { title, text, author: authorOf(request), changedAt: new Date() });
  redirect(response, `/pages/${encodeURIComponent(slug)}`);
}

/** The list comes from the second host, by a script with credentials, as applications with a file host do it. */
function showAttachments(response: ServerResponse): void {
  send(
    response,
    200,
    'Attachments',
    html`<p><img src="${filesOrigin}/floor-plan.svg" alt="Floor plan" width="480" height="200"></p>
<ul id="files" aria-live="polite"><li class="soft">Asking ${new URL(filesOrigin).host} …</li></ul>
<h2>Add one</h2>
<form method="post" action="/attachments" enctype="multipart/form-data">
<label for="file">File</label><input id="file" name="file" type="file" required><button>Upload</button></form>
<script>
const files = ${{ html: JSON.stringify(filesOrigin) }}, list = document.getElementById('files');
async function show() {
  try {
    const answer = await fetch(files + '/', { credentials: 'include', headers: { accept: 'application/json' } });
    if (!answer.ok) throw new Error('status ' + answer.status);
    list.replaceChildren(...(await answer.json()).map(({ name, bytes }) => {
      const item = document.createElement('li'), link = document.createElement('a'), remove = document.createElement('button');
      link.href = files + '/' + encodeURIComponent(name); link.textContent = name;
      remove.textContent = 'Delete'; remove.className = 'quiet'; remove.setAttribute('aria-label', 'Delete ' + name);
      remove.onclick = async () => { await fetch(link.href, { method: 'DELETE', credentials: 'include' }); show(); };
      item.append(link, ' (' + bytes + ' bytes) ', remove);
      return item;
    }));
  } catch (error) { list.textContent = 'The file host did not answer: ' + error.message; }
}
show();
</script>`,
  );
}

async function upload(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const file = (await readForm(request))?.get('file');
  const name = file instanceof File ? file.name.replace(/[^\p{L}\p{N}._ -]/gu, '_').slice(0, 80) : '';
  if (!(file instanceof File) || !name || attachments.size >= 100)
    return send(
      response,
      422,
      'Not uploaded',
      html`<p>Choose a file of at most 32 MB. <a href="/attachments">Try again</a></p>`,
    );
  attachments.set(name, {
    type: file.type || 'application/octet-stream',
    bytes: Buffer.from(await file.arrayBuffer()),
  });
  redirect(response, '/attachments');
}

function download(response: ServerResponse, name: string): void {
  const found = pages.get(name.replace(/\.txt$/, ''));
  if (!found) return send(response, 404, 'No such page', html`<p><a href="/pages">All pages</a></p>`);
  const file = encodeURIComponent(`${name.replace(/\.txt$/, '')}.txt`);
  response.writeHead(200, {
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': `attachment; filename="page.txt"; filename*=UTF-8''${file}`,
  });
  response.end(`${found.title}\n\n${found.text}\n`);
}

function send(response: ServerResponse, status: number, title: string, body: Html): void {
  const nav = html`<a href="/pages/welcome">Front page</a><a href="/pages">All pages</a><a href="/attachments">Attachments</a><a href="/edit/">New page</a><a href="/download/welcome.txt" download>Download</a>`;
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
  response.end(page({ app: 'Wiki', title, nav, body }));
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location }).end();
}

function withLinks(text: string): Html[] {
  return text.split(/(\[\[[^\]|]+\|[^\]]+\]\])/).map((piece) => {
    const [, name, words] = /^\[\[([^\]|]+)\|([^\]]+)\]\]$/.exec(piece) ?? [];
    return name && words ? html`<a href="/pages/${encodeURIComponent(name)}">${words}</a>` : html`${piece}`;
  });
}

/** Who Foyer says it is: the plain header that this app is set to receive. */
function authorOf(request: IncomingMessage): string {
  const name = request.headers['remote-name'] ?? request.headers['remote-email'];
  return typeof name === 'string' && name ? Buffer.from(name, 'latin1').toString('utf8') : 'somebody';
}

function latest(): string {
  const byTime = [...pages].sort(([, left], [, right]) => right.changedAt.getTime() - left.changedAt.getTime());
  return encodeURIComponent(byTime[0]?.[0] ?? 'welcome');
}

function textOf(form: FormData | null, field: string): string {
  const value = form?.get(field);
  return typeof value === 'string' ? value : '';
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function written(title: string, text: string): WikiPage {
  return { title, text, author: 'the demo', changedAt: new Date() };
}

function welcomeText(): string {
  return [
    'This wiki runs on a private address. No public DNS server knows it, and nothing but the gateway can reach it.',
    'Read about [[travel|travel expenses]] or [[printer|the printer]], change a page, add an attachment: what you write stays until the demo ends.',
  ].join('\n\n');
}
