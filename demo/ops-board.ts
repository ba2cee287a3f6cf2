// The sample ops board: live numbers of this machine by server-sent events, a chat by WebSocket, and a service worker of its own.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type WebSocket, WebSocketServer } from 'ws';
import { BOARD_SCRIPT, boardPage, WORKER_SCRIPT } from './board-page.ts';
import { readArguments, serve } from './part.ts';

const { address, port } = readArguments('address', 'port');

type ChatLine = { from: string; text: string; at: number };
const history: ChatLine[] = [];
const LOOP_RESOLUTION_MS = 20;
const watchers = new Set<ServerResponse>();
const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
loop.enable();
let requests = 0;
let events = 0;

const chat = new WebSocketServer({ noServer: true, maxPayload: 4096 });
const server = await serve({ address, port: Number(port) }, answer);
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => socket.destroy());
  if (request.url !== '/chat') return void socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
  chat.handleUpgrade(request, socket, head, (connection) => join(connection, nameOf(request)));
});
setInterval(tell, 1000).unref();

function answer(request: IncomingMessage, response: ServerResponse): void {
  requests++;
  switch (new URL(request.url ?? '/', 'http://board.invalid').pathname) {
    case '/':
      return send(response, 'text/html; charset=utf-8', boardPage());
    case '/board.js':
      return send(response, 'text/javascript; charset=utf-8', BOARD_SCRIPT);
    case '/worker.js':
      return send(response, 'text/javascript; charset=utf-8', WORKER_SCRIPT);
    case '/numbers':
      return watch(request, response);
    default:
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Nothing here.\n');
  }
}

function send(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' }).end(text);
}

function watch(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(eventOf(numbers()));
  watchers.add(response);
  request.on('close', () => watchers.delete(response));
}

function tell(): void {
  const event = eventOf(numbers());
  // A reader that is a minute behind is not worth the memory.
  for (const watcher of watchers) if (watcher.writableLength < 64 * 1024) watcher.write(event);
  loop.reset();
}

function eventOf(data: unknown): string {
  return `id: ${++events}\ndata: ${JSON.stringify(data)}\n\n`;
}

function numbers() {
  return {
    load: Number(((loadavg()[0] ?? 0) / cpus().length).toFixed(2)),
    memory: Math.round((1 - freemem() / totalmem()) * 100),
    delay: Number(Math.max(0, loop.mean / 1e6 - LOOP_RESOLUTION_MS || 0).toFixed(1)),
    requests,
    watching: watchers.size,
    chatting: chat.clients.size,
  };
}

function join(connection: WebSocket, name: string): void {
  for (const line of history) connection.send(JSON.stringify(line));
  connection.on('error', () => connection.terminate());
  connection.on('message', (data, isBinary) => {
    const text = isBinary ? '' : String(data).trim().slice(0, 500);
    if (!text) return;
    const line: ChatLine = { from: name, text, at: Date.now() };
    history.push(line);
    history.splice(0, history.length - 50);
    for (const client of chat.clients) if (client.bufferedAmount < 1 << 20) client.send(JSON.stringify(line));
  });
}

/** Who Foyer says it is: the plain header that this app is set to receive. */
function nameOf(request: IncomingMessage): string {
  const name = request.headers['remote-name'];
  return typeof name === 'string' && name ? Buffer.from(name, 'latin1').toString('utf8') : 'somebody';
}
