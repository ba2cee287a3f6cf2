// A load process that does everything at once: short GETs, uploads, event streams, WebSocket messages, downloads that are given up. Runs until its input ends.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

export type Mixed = { port: number; host: string; cookie: string };
/** `done` by kind of work; `failures` by what was wrong. */
export type MixedResult = { done: Record<string, number>; failures: Record<string, number> };

const KB = 1024;
const EVENTS = 20;
/** How many do each kind of work at once, and what they wait between two pieces of it. */
const CROWD = {
  'get-h1': { at: 8, pauseMs: 20, work: getShort },
  'get-h2': { at: 8, pauseMs: 20, work: getHttp2 },
  'get-64k': { at: 2, pauseMs: 50, work: getLarge },
  'upload-64k': { at: 2, pauseMs: 50, work: upload },
  websocket: { at: 10, pauseMs: 200, work: exchangeMessages },
  'event-stream': { at: 5, pauseMs: 100, work: readEvents },
  'download-given-up': { at: 2, pauseMs: 200, work: giveUpDownload },
} as const;

const load: Mixed = JSON.parse(process.argv[2] ?? '');
const origin = `https://${load.host}:${load.port}`;
const agent = new Agent({ keepAlive: true, maxSockets: 64, rejectUnauthorized: false });
const result: MixedResult = { done: {}, failures: {} };
const uploaded = randomBytes(64 * KB);
let http2: ClientHttp2Session | null = null;
let isOver = false;

process.stdin.resume().once('end', () => {
  isOver = true;
});
const all = Object.entries(CROWD).flatMap(([name, { at, pauseMs, work }]) =>
  Array.from({ length: at }, async () => {
    while (!isOver) {
      try {
        await work();
        result.done[name] = (result.done[name] ?? 0) + 1;
      } catch (error) {
        const why = `${name}: ${error instanceof Error ? error.message : error}`;
        result.failures[why] = (result.failures[why] ?? 0) + 1;
      }
      await delay(pauseMs);
    }
  }),
);
process.stdout.write('load\n');
await Promise.all(all);
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));

function getShort(): Promise<void> {
  return ask({ path: '/1k' }, KB);
}

function getLarge(): Promise<void> {
  return ask({ path: '/64k' }, 64 * KB);
}

function upload(): Promise<void> {
  return ask({ path: '/upload', method: 'POST' }, String(uploaded.length).length, uploaded);
}

/** Resolves when the answer is 200 and has this many bytes. */
async function ask(options: RequestOptions, bytes: number, body?: Buffer): Promise<void> {
  const answer = await begin(options, body);
  let came = 0;
  for await (const chunk of answer) came += (chunk as Buffer).length;
  if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
  if (came !== bytes) throw new Error(`${came} bytes in place of ${bytes}`);
}

function begin(options: RequestOptions, body?: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { host: `${load.host}:${load.port}`, cookie: load.cookie };
    const where = { host: '127.0.0.1', port: load.port, servername: load.host, agent };
    httpsRequest({ ...where, ...options, headers }, resolve)
      .once('error', reject)
      .end(body);
  });
}

async function getHttp2(): Promise<void> {
  if (!http2 || http2.closed || http2.destroyed) {
    http2 = connectHttp2(`https://127.0.0.1:${load.port}`, { servername: load.host, rejectUnauthorized: false });
    // Every request on it fails with a word of its own.
    http2.on('error', () => {});
  }
  const authority = `${load.host}:${load.port}`;
  const stream = http2.request({ ':path': '/1k', ':authority': authority, cookie: load.cookie });
  let status = 0;
  let came = 0;
  stream.once('response', (headers) => {
    status = headers[':status'] ?? 0;
  });
  for await (const chunk of stream) came += (chunk as Buffer).length;
  if (status !== 200 || came !== KB) throw new Error(`status ${status}, ${came} bytes`);
}

async function exchangeMessages(): Promise<void> {
  const socket = new WebSocket(`wss://127.0.0.1:${load.port}/ws`, {
    ...{ rejectUnauthorized: false, servername: load.host, origin, perMessageDeflate: false },
    headers: { host: `${load.host}:${load.port}`, cookie: load.cookie },
  });
  await settled(socket, 'open');
  for (let at = 0; at < 20; at += 1) {
    const message = randomBytes(512 + at);
    socket.send(message);
    const [back] = await settled(socket, 'message');
    if (!message.equals(back as Buffer)) throw new Error('a message came back as another one');
    await delay(50);
  }
  socket.close();
  await settled(socket, 'close');
}

function settled(socket: WebSocket, event: string): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const onEvent = (...args: unknown[]) => {
      socket.off('error', reject);
      if (event !== 'close') socket.off('close', onClose);
      resolve(args);
    };
    const onClose = () => reject(new Error('the socket was closed'));
    socket.once(event, onEvent);
    socket.once('error', reject);
    if (event !== 'close') socket.once('close', onClose);
  });
}

async function readEvents(): Promise<void> {
  const answer = await begin({ path: '/sse' });
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  const events = text.split('\n\n').length - 1;
  if (answer.statusCode !== 200 || events !== EVENTS) throw new Error(`status ${answer.statusCode}, ${events} events`);
}

/** Takes the beginning and leaves. */
async function giveUpDownload(): Promise<void> {
  const answer = await begin({ path: '/8m' });
  if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
  await new Promise((resolve) => answer.once('data', resolve));
  answer.once('error', () => {});
  answer.destroy();
}
