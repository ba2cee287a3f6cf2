// The wiki's second host: attachments by name, listed and deleted by scripts of the wiki's own pages across origins.
import type { IncomingMessage, ServerResponse } from 'node:http';

export type Attachment = { type: string; bytes: Buffer };

/** `origin` is the wiki's: the only one whose scripts may read this host, with credentials. */
export function answerFiles(
  request: IncomingMessage,
  response: ServerResponse,
  attachments: Map<string, Attachment>,
  origin: string,
): void {
  if (request.headers.origin === origin) {
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-allow-credentials', 'true');
  }
  response.setHeader('vary', 'Origin');
  const name = nameOf(request.url ?? '/');
  const found = attachments.get(name);
  if (request.method === 'OPTIONS') {
    response.writeHead(204, { 'access-control-allow-methods': 'GET, DELETE' }).end();
  } else if (request.method === 'DELETE' && request.headers.origin === origin) {
    attachments.delete(name);
    response.writeHead(204).end();
  } else if (name === '') {
    const list = [...attachments].map(([file, { bytes }]) => ({ name: file, bytes: bytes.length }));
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(list));
  } else if (!found) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('No such file.\n');
  } else {
    sendFile(response, name, found);
  }
}

/** Only pictures are shown in place; what people upload is otherwise saved, never run. */
function sendFile(response: ServerResponse, name: string, { type, bytes }: Attachment): void {
  const shown = /^image\/(png|jpeg|gif|webp|svg\+xml)$/.test(type);
  response.writeHead(200, {
    'content-type': shown ? type : 'application/octet-stream',
    'content-disposition': `${shown ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(name)}`,
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'x-content-type-options': 'nosniff',
    'content-length': bytes.length,
  });
  response.end(bytes);
}

function nameOf(target: string): string {
  try {
    return decodeURIComponent(new URL(target, 'http://files.invalid').pathname.slice(1));
  } catch {
    return '';
  }
}

export function drawing(): string {
  const rooms = [
    [8, 8, 150, 184, 'Quiet room'],
    [166, 8, 150, 90, 'Kitchen'],
    [166, 106, 150, 86, 'Printer'],
    [324, 8, 148, 184, 'Everybody'],
  ];
  const boxes = rooms.map(
    ([x, y, width, height, name]) =>
      `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/><text x="${Number(x) + 12}" y="${Number(y) + 26}">${name}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 200"><style>rect{fill:none;stroke:#7d8a94}text{font:14px system-ui,sans-serif;fill:#7d8a94}</style>${boxes.join('')}</svg>`;
}
