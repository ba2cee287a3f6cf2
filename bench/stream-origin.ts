// An origin where sockets and streams are spoken: plain bodies, uploads, event streams, and WebSockets that echo.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import process from 'node:process';
import { WebSocketServer } from 'ws';

const EVENTS = 20;
const EVENT_EVERY_MS = 100;

const [port = ''] = process.argv.slice(2);
const bodies = new Map([
  ['/1k', Buffer.alloc(1024, 'x')],
  ['/64k', Buffer.alloc(64 * 1024, 'x')],
  ['/8m', Buffer.alloc(8 * 1024 * 1024, 'x')],
]);
const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const path = request.url ?? '';
  const body = bodies.get(path);
  if (path === '/upload') return takeUpload(request, response);
  if (path === '/sse') return sendEvents(response);
  if (!body) return response.writeHead(404, { 'content-length': 0 }).end();
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': body.length }).end(body);
});
const sockets = new WebSocketServer({ server, path: '/ws', perMessageDeflate: false, clientTracking: false });
sockets.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  // Whoever goes away in the middle is part of the load.
  socket.on('error', () => socket.terminate());
});
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 }, () => process.stdout.write('listening\n'));

/** Answers with the number of bytes that came. */
function takeUpload(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.once('end', () => response.end(String(bytes)));
}

function sendEvents(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    response.write(`id: ${sent}\ndata: ${Date.now()}\n\n`);
    if (sent === EVENTS) response.end();
  }, EVENT_EVERY_MS);
  response.once('close', () => clearInterval(timer));
}
