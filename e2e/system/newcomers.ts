// A load of newcomers, as a process: so many new connections a second, each with one request, beside a few connections that stay.
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import process from 'node:process';
import { connect as connectTls, createSecureContext } from 'node:tls';
import { frame, literals, PREFACE } from '#server/http/http2-frames.testing.ts';

export type NewcomersLoad = {
  protocol: 'http1' | 'h2';
  port: number;
  host: string;
  path: string;
  cookie: string;
  /** At most. */
  connectionsPerSecond: number;
  /** Connections that send request after request. */
  residents: number;
};
/** `failures` by what was wrong. `askedAgain`: a GOAWAY said that nobody had seen the request (RFC 9113 §6.8). */
export type NewcomersResult = {
  newcomers: number;
  residentRequests: number;
  askedAgain: number;
  failures: Record<string, number>;
  slowestMs: number;
  seconds: number;
};

const TIMEOUT_MS = 15_000;
const RESIDENT_PAUSE_MS = 50;
const TICK_MS = 5;
const MOST_UNDER_WAY = 300;
/** HPACK's static entry for `:status: 200` (RFC 7541 Appendix A), which every encoder sends as one byte. */
const STATUS_200 = 0x88;
const [DATA, HEADERS, RST_STREAM, GOAWAY] = [0, 1, 3, 7];
const [END_STREAM, END_HEADERS] = [1, 4];

const load: NewcomersLoad = JSON.parse(process.argv[2] ?? '');
const { protocol, port, host, path, cookie } = load;
const request1 = Buffer.from(`GET ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\ncookie: ${cookie}\r\n\r\n`, 'latin1');
const fields = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', path],
  [':authority', `${host}:${port}`],
  ['cookie', cookie],
] as const;
const request2 = Buffer.concat([PREFACE, frame(HEADERS, END_STREAM | END_HEADERS, 1, literals(fields))]);
const secureContext = createSecureContext();
const result: NewcomersResult = {
  newcomers: 0,
  residentRequests: 0,
  askedAgain: 0,
  failures: {},
  slowestMs: 0,
  seconds: 0,
};
const under = new Set<Promise<void>>();
const startedAt = performance.now();
let isOver = false;
let due = 0;
let lastTick = startedAt;

process.stdin.resume().once('end', finish);
const ticking = setInterval(sendDue, TICK_MS);
for (let at = 0; at < load.residents; at += 1) under.add(reside());
process.stdout.write('load\n');

async function finish(): Promise<void> {
  isOver = true;
  clearInterval(ticking);
  result.seconds = (performance.now() - startedAt) / 1_000;
  await Promise.all(under);
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

/**
 * At the rate, whether or not earlier ones are answered, up to what a machine can have under way: what is more would only fail
 * by waiting, and say nothing about a reload. `newcomers` by `seconds` tells how many there really were.
 */
function sendDue(): void {
  const now = performance.now();
  due = Math.min(due + ((now - lastTick) / 1_000) * load.connectionsPerSecond, load.connectionsPerSecond / 10);
  lastTick = now;
  for (; due >= 1 && under.size < MOST_UNDER_WAY; due -= 1) {
    result.newcomers += 1;
    const one = count(protocol === 'http1' ? askOnce(request1, readHttp1) : askOnce(request2, readHttp2));
    under.add(one);
    void one.finally(() => under.delete(one));
  }
}

/** Rejects never: what goes wrong is counted. */
async function count(asked: Promise<unknown>): Promise<void> {
  const sentAt = performance.now();
  try {
    await asked;
    result.slowestMs = Math.max(result.slowestMs, performance.now() - sentAt);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    result.failures[why] = (result.failures[why] ?? 0) + 1;
  }
}

type Reading = 'more' | 'whole' | { wrong: string };

function askOnce(bytes: Buffer, read: (answer: Buffer) => Reading): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = open();
    let answer: Buffer = Buffer.alloc(0);
    const settle = (why: string | null) => {
      clearTimeout(late);
      socket.destroy();
      if (why === null) resolve();
      else reject(new Error(why));
    };
    const late = setTimeout(() => settle('no answer in time'), TIMEOUT_MS);
    socket.on('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
    socket.on('close', () => settle(`closed after ${answer.length} bytes`));
    socket.on('data', (chunk: Buffer) => {
      answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk]);
      const found = read(answer);
      if (found === 'whole') settle(null);
      else if (found !== 'more') settle(found.wrong);
    });
    socket.write(bytes);
  });
}

function open(): Socket {
  const to = { port, host: '127.0.0.1' };
  if (protocol === 'http1') return connectTcp({ ...to, noDelay: true });
  return connectTls({ ...to, servername: host, secureContext, ALPNProtocols: ['h2'], rejectUnauthorized: false });
}

function readHttp1(answer: Buffer): Reading {
  const end = answer.indexOf('\r\n\r\n');
  if (end === -1) return 'more';
  const head = answer.toString('latin1', 0, end);
  if (!head.startsWith('HTTP/1.1 200 ')) return { wrong: head.split('\r\n', 1)[0] ?? '' };
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN);
  if (Number.isNaN(length)) return { wrong: 'an answer without a length' };
  return answer.length >= end + 4 + length ? 'whole' : 'more';
}

function readHttp2(answer: Buffer): Reading {
  let hasHead = false;
  for (let at = 0; at + 9 <= answer.length; ) {
    const length = answer.readUIntBE(at, 3);
    const [type, flags] = [answer[at + 3] ?? 0, answer[at + 4] ?? 0];
    if (at + 9 + length > answer.length) return 'more';
    if (type === GOAWAY) {
      const [lastStream, code] = [answer.readUInt32BE(at + 9), answer.readUInt32BE(at + 13)];
      // What is said of later requests cuts none that is under way (RFC 9113 §6.8).
      if (code !== 0 || lastStream < 1) return { wrong: `GOAWAY ${code}, last stream ${lastStream}` };
    }
    if (type === RST_STREAM) return { wrong: `RST_STREAM ${answer.readUInt32BE(at + 9)}` };
    if (type === HEADERS && !hasHead) {
      if (answer[at + 9] !== STATUS_200) return { wrong: `another status (${answer[at + 9]?.toString(16)})` };
      hasHead = true;
    }
    if ((type === HEADERS || type === DATA) && (flags & END_STREAM) !== 0) return 'whole';
    at += 9 + length;
  }
  return 'more';
}

async function reside(): Promise<void> {
  while (!isOver) await (protocol === 'http1' ? resideHttp1() : resideHttp2());
}

/** One connection for as long as its answers let it be. It waits a little between them, as people do. */
async function resideHttp1(): Promise<void> {
  const socket = open();
  let waiting: ((why: string | null) => void) | null = null;
  let answer: Buffer = Buffer.alloc(0);
  let isClosed = false;
  const settle = (why: string | null) => {
    waiting?.(why);
    waiting = null;
  };
  socket.on('error', (error: NodeJS.ErrnoException) => settle(`resident: ${error.code ?? error.message}`));
  socket.on('end', () => {
    isClosed = true;
    socket.destroy();
  });
  socket.on('close', () => {
    isClosed = true;
    settle('resident: closed without an answer');
  });
  socket.on('data', (chunk: Buffer) => {
    answer = Buffer.concat([answer, chunk]);
    const found = readHttp1(answer);
    if (found === 'more') return;
    if (/\r\nconnection: *close\r\n/i.test(answer.toString('latin1', 0, answer.indexOf('\r\n\r\n') + 2)))
      isClosed = true;
    answer = Buffer.alloc(0);
    settle(found === 'whole' ? null : `resident: ${found.wrong}`);
  });
  while (!isOver && !isClosed) {
    result.residentRequests += 1;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = setTimeout(() => settle('resident: no answer in time'), TIMEOUT_MS);
    waiting = (why) => (why === null ? resolve() : reject(new Error(why)));
    socket.write(request1);
    await count(promise);
    clearTimeout(late);
    if (!isClosed) await pause();
  }
  socket.destroy();
}

async function resideHttp2(): Promise<void> {
  const session = connectHttp2(`https://${host}:${port}`, { createConnection: open });
  const lost = new Promise<void>((resolve) => session.once('close', resolve));
  session.on('error', () => {});
  session.setTimeout(TIMEOUT_MS, () => session.destroy());
  while (!isOver && !session.closed && !session.destroyed) {
    result.residentRequests += 1;
    await count(askOnSession(session));
    await Promise.race([pause(), lost]);
  }
  session.destroy();
}

function askOnSession(session: ReturnType<typeof connectHttp2>): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, ':authority': `${host}:${port}`, cookie });
    let status = 0;
    stream.on('response', (headers) => {
      status = Number(headers[':status']);
    });
    stream.on('error', () => {});
    stream.resume();
    stream.on('close', () => {
      if (status === 200 && stream.rstCode === 0) return resolve();
      // REFUSED_STREAM: above the last stream of a GOAWAY. Nothing has happened, and the client asks on a new connection.
      if (status === 0 && stream.rstCode === 7) {
        result.askedAgain += 1;
        askOnce(request2, readHttp2).then(resolve, reject);
        return;
      }
      reject(new Error(`resident: status ${status}, reset ${stream.rstCode}`));
    });
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, RESIDENT_PAUSE_MS));
}
