// Promise R10: whatever the size of a body, the gateway's memory stays as it is. BODY_GB=10 sends ten gigabytes each way.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { rawServer } from './gateway.testing.ts';
import { openHttp2 } from './http2-client.testing.ts';

const MB = 1024 * 1024;
/** Megabytes of each body; clear text is four times as fast as TLS. */
const ASKED = Number(process.env.BODY_GB ?? 0) * 1024;
const CLEAR_MB = ASKED || 1024;
const TLS_MB = ASKED || 256;
const MAX_GROWTH_MB = 50;
/** V8 collects when 64 MB of buffers are garbage: less than that would compare with a process that has not begun. */
const WARM_UP_MB = 80;
const BLOCK = Buffer.alloc(64 * 1024, 'b');

/** Answers GET /<bytes> with so many, and PUT with the number that came. */
const upstream = await rawServer({ after }, (socket) => {
  let head = '';
  let left = 0;
  let received = 0;
  socket.on('data', (chunk: Buffer) => {
    let body = chunk;
    if (left === 0) {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      const [line = ''] = head.split('\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      body = Buffer.from(head.slice(end + 4), 'latin1');
      head = '';
      if (line.startsWith('GET')) {
        void give(socket, Number(line.slice(5).split(' ')[0]));
        return;
      }
      left = length;
      received = 0;
    }
    received += body.length;
    left -= body.length;
    if (left === 0) socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${String(received).length}\r\n\r\n${received}`);
  });
});

async function give(socket: Socket, bytes: number): Promise<void> {
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`);
  await pour(socket, bytes);
}

/** Writes so many bytes as fast as they are taken. */
async function pour(to: Writable, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= BLOCK.length) {
    if (!to.write(left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK)) await once(to, 'drain');
  }
}

type Way = { port: number; cookie: string };
const child = fork(join(import.meta.dirname, 'flat-memory-child.testing.ts'), [String(upstream)]);
after(() => void child.disconnect());
const [ways] = (await once(child, 'message')) as [Record<'http' | 'https', Way>];

/** What the gateway's process holds of the machine's memory, in MB (proc_pid_status(5)). */
function resident(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function open(scheme: 'http' | 'https'): Promise<Socket> {
  const { port } = ways[scheme];
  if (scheme === 'http') return connect(port, '127.0.0.1');
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'wiki.test', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return socket;
}

const head = (scheme: 'http' | 'https', line: string, more = '') =>
  `${line} HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${ways[scheme].cookie}\r\nConnection: close\r\n${more}\r\n`;

/** Bytes behind the head. */
async function download(scheme: 'http' | 'https', bytes: number): Promise<number> {
  const socket = await open(scheme);
  socket.write(head(scheme, `GET /${bytes}`));
  let came = 0;
  let headBytes = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    if (came === 0) headBytes = chunk.indexOf('\r\n\r\n') + 4;
    came += chunk.length;
  }
  return came - headBytes;
}

/** How many bytes the upstream says it got. */
async function upload(scheme: 'http' | 'https', bytes: number): Promise<number> {
  const socket = await open(scheme);
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1');
  });
  const ended = once(socket, 'end');
  socket.write(head(scheme, 'PUT /', `Content-Length: ${bytes}\r\n`));
  await pour(socket, bytes);
  await ended;
  socket.destroy();
  return Number(answer.split('\r\n\r\n')[1]);
}

async function overHttp2(direction: 'download' | 'upload', bytes: number): Promise<number> {
  const session = await openHttp2(ways.https.port, 'wiki.test');
  session.setLocalWindowSize(16 * MB);
  const { cookie } = ways.https;
  const fields: OutgoingHttpHeaders =
    direction === 'download' ? { ':path': `/${bytes}` } : { ':method': 'PUT', ':path': '/', 'content-length': bytes };
  const stream = session.request({ ...fields, cookie }, { endStream: direction === 'download' });
  let came = 0;
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    came += chunk.length;
    if (direction === 'upload') text += chunk;
  });
  const ended = once(stream, 'end');
  if (direction === 'upload') {
    await pour(stream, bytes);
    stream.end();
  }
  await ended;
  session.destroy();
  return direction === 'download' ? came : Number(text);
}

/** The most that the gateway holds meanwhile, in whole MB. */
async function watched<Result>(work: () => Promise<Result>): Promise<{ result: Result; most: number }> {
  let most = resident();
  const watching = setInterval(() => {
    most = Math.max(most, resident());
  }, 20);
  const result = await work();
  clearInterval(watching);
  return { result, most: Math.round(most) };
}

const BODIES = [
  ['download, HTTP/1.1', CLEAR_MB, (bytes) => download('http', bytes)],
  ['upload, HTTP/1.1', CLEAR_MB, (bytes) => upload('http', bytes)],
  ['download, HTTP/1.1 over TLS', TLS_MB, (bytes) => download('https', bytes)],
  ['upload, HTTP/1.1 over TLS', TLS_MB, (bytes) => upload('https', bytes)],
  ['download, HTTP/2', TLS_MB, (bytes) => overHttp2('download', bytes)],
  ['upload, HTTP/2', TLS_MB, (bytes) => overHttp2('upload', bytes)],
] as const satisfies readonly (readonly [string, number, (bytes: number) => Promise<number>])[];

const small = await watched(async () => {
  for (const [, , send] of BODIES) await send(WARM_UP_MB * MB);
});

for (const [what, megabytes, send] of BODIES) {
  test(`R10: ${what}: ${megabytes} MB in flat memory`, async (t) => {
    const startedAt = performance.now();
    const { most, result } = await watched(() => send(megabytes * MB));
    const seconds = (performance.now() - startedAt) / 1_000;
    t.diagnostic(
      `${(megabytes / seconds).toFixed(0)} MB/s; ${most} MB at most, ${small.most} MB with ${WARM_UP_MB} MB`,
    );
    assert.equal(result, megabytes * MB);
    assert(most - small.most < MAX_GROWTH_MB, `${small.most} MB, then ${most} MB`);
  });
}
