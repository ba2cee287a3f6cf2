// What the ops board sends to the browser: one page, its script, and its service worker.
import { html, page } from './page.ts';

const NUMBERS = [
  ['load', 'Load per core', ''],
  ['memory', 'Memory used', ' %'],
  ['delay', 'Event loop', ' ms'],
  ['requests', 'Requests', ''],
  ['watching', 'Watching', ''],
  ['chatting', 'In the chat', ''],
] as const;

export function boardPage(): string {
  return page({
    app: 'Ops board',
    title: 'Right now',
    nav: html`<a href="#numbers">Numbers</a><a href="#chat">Chat</a>`,
    body: html`<p id="live" class="soft" role="status">Connecting …</p>
<dl id="numbers" class="numbers">${NUMBERS.map(([key, name, unit]) => html`<div class="card"><dt>${name}</dt><dd><span id="${key}">–</span>${unit}</dd></div>`)}</dl>
<h2 id="chat">Chat</h2>
<div class="card"><ol class="chat" id="lines" aria-live="polite" aria-label="Messages"></ol>
<p id="chat-state" class="soft" role="status">Connecting …</p>
<form id="say" class="row"><div><label for="text">Message</label><input id="text" name="text" maxlength="500" autocomplete="off" required></div><button>Send</button></form></div>
<p class="soft" id="worker">The service worker is not there yet.</p>
<script src="/board.js"></script>`,
  });
}

export const BOARD_SCRIPT = `
const byId = (id) => document.getElementById(id);
const numbers = new EventSource('/numbers');
numbers.onmessage = ({ data }) => {
  for (const [key, value] of Object.entries(JSON.parse(data))) byId(key).textContent = value;
  byId('live').textContent = 'Live: the numbers come once a second.';
};
numbers.onerror = () => { byId('live').textContent = 'The numbers stopped. Reload the page to sign in again, if that is why.'; };

let socket, waitMs = 500;
function connect() {
  socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/chat');
  socket.onopen = () => { waitMs = 500; byId('lines').replaceChildren(); byId('chat-state').textContent = 'Connected.'; };
  socket.onmessage = ({ data }) => {
    const { from, text, at } = JSON.parse(data), line = document.createElement('li'), name = document.createElement('strong');
    name.textContent = from + ' ';
    line.title = new Date(at).toLocaleTimeString();
    line.append(name, text);
    byId('lines').append(line);
    line.scrollIntoView({ block: 'nearest' });
  };
  socket.onclose = ({ code, reason }) => {
    byId('chat-state').textContent = 'The chat ended (code ' + code + (reason ? ', ' + reason : '') + ').';
    setTimeout(connect, waitMs);
    waitMs = Math.min(waitMs * 2, 30000);
  };
}
connect();
byId('say').onsubmit = (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(byId('text').value);
  byId('text').value = '';
};

navigator.serviceWorker?.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => {
  byId('worker').textContent = 'The service worker keeps this page for when the network is away.';
}).catch((error) => { byId('worker').textContent = 'The service worker could not start: ' + error.message; });
`;

/** Precaches the shell and answers every GET navigation, as many applications' workers do; the network comes first. */
export const WORKER_SCRIPT = `
const CACHE = 'board-1', SHELL = ['/', '/board.js'];
self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});
self.addEventListener('activate', (event) => {
  event.waitUntil(caches.keys().then((keys) => Promise.all(keys.filter((key) => key.startsWith('board-') && key !== CACHE).map((key) => caches.delete(key)))).then(() => self.clients.claim()));
});
self.addEventListener('fetch', (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/.')) return;
  if (request.mode === 'navigate' || SHELL.includes(url.pathname))
    event.respondWith(fetch(request).catch(() => caches.match(url.pathname).then((kept) => kept ?? Response.error())));
});
`;
