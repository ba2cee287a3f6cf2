// Sends an allowed request to its upstream and streams the answer back, with backpressure both ways and one safe retry.
import type { Writable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { Fault, isFault } from '#server/core/fault.ts';
import type { Exchange, Outcome } from './exchange.ts';
import type { Limits } from './limits.ts';

export type Forward = {
  exchange: Exchange;
  outcome: Outcome;
  dispatcher: Dispatcher;
  headers: string[];
  limits: Limits;
  /** Upstream response headers → what the browser gets. */
  answerHeaders(status: number, headers: string[]): string[];
  fail(fault: Fault): void;
};

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Resolves when the exchange has been answered, aborted or failed; never rejects. */
export function forward(job: Forward): Promise<void> {
  return new Promise((resolve) => {
    dispatch(job, true, resolve);
  });
}

function dispatch(job: Forward, mayRetry: boolean, done: () => void): void {
  const { exchange } = job;
  const retry = (error: Error): boolean => {
    if (!mayRetry || exchange.closed || exchange.body !== null || !SAFE_METHODS.has(exchange.method)) return false;
    if (!isDialFault(error) && !wasReused(error)) return false;
    dispatch(job, false, done);
    return true;
  };
  try {
    job.dispatcher.dispatch(
      {
        path: exchange.target,
        method: exchange.method as Dispatcher.HttpMethod,
        headers: job.headers,
        body: exchange.body,
      },
      new Relay(job, retry, done),
    );
  } catch (error) {
    job.fail(new Fault('upstream-protocol', { detail: String(error), cause: error }));
    done();
  }
}

/** One attempt: undici's handler, from the first byte sent to the last byte received. */
class Relay implements Dispatcher.DispatchHandler {
  readonly #job: Forward;
  readonly #retry: (error: Error) => boolean;
  readonly #done: () => void;
  #sink: Writable | null = null;
  #idle: NodeJS.Timeout | null = null;
  readonly #waiting: NodeJS.Timeout;
  /** How long the upstream may send nothing while we would take more; null for event streams. */
  #bodyIdleMs: number | null = null;
  /** A byte of the answer has come: whatever breaks now, the upstream has seen this request. */
  #begun = false;
  #finished = false;

  constructor(job: Forward, retry: (error: Error) => boolean, done: () => void) {
    this.#job = job;
    this.#retry = retry;
    this.#done = done;
    // undici has no way to take back a request that waits for a connection; it is dropped when its turn comes.
    this.#waiting = setTimeout(() => {
      if (!job.exchange.closed) job.fail(new Fault('overloaded', { detail: 'No connection became free in time.' }));
    }, job.limits.upstreamQueueMs);
    this.#waiting.unref();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { exchange } = this.#job;
    clearTimeout(this.#waiting);
    // Thrown, not aborted: the connection has carried nothing of this request and stays good for the next.
    if (exchange.closed || exchange.responded) throw new ClientGone();
    exchange.onClosed(() => {
      if (!this.#finished) controller.abort(new ClientGone());
    });
    if (exchange.body === null) return;
    exchange.allowBody();
    this.#watchRequestBody(controller);
  }

  onResponseStarted(): void {
    this.#begun = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // 1xx answers are the upstream's talk with us; the final head follows.
    if (status >= 100 && status < 200) return;
    // RFC 9110 §15: anything else is no status.
    if (status < 100 || status > 599) throw new Fault('upstream-protocol', { detail: `Status ${status}.` });
    const { exchange, outcome, limits } = this.#job;
    const headers = flatHeaders(controller.rawHeaders);
    outcome.status = status;
    this.#sink = exchange.respond(status, this.#job.answerHeaders(status, headers));
    // A body that does not come with its head may take long: an event stream is open when its head arrives.
    process.nextTick(() => {
      if (outcome.bytes === 0 && !this.#finished && !exchange.closed) exchange.flush();
    });
    this.#bodyIdleMs = isEventStream(headers) ? null : limits.upstreamBodyIdleMs;
    this.#sink.on('drain', () => {
      this.#armIdle(controller, this.#bodyIdleMs);
      controller.resume();
    });
    this.#armIdle(controller, this.#bodyIdleMs);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { outcome, limits } = this.#job;
    outcome.bytes += chunk.length;
    this.#idle?.refresh();
    if (this.#sink?.write(chunk) !== false) return;
    controller.pause();
    this.#armIdle(controller, limits.responseStallMs);
  }

  onResponseEnd(): void {
    const { exchange } = this.#job;
    this.#finish();
    // Answered before it was asked to the end: what is left of the body is never read as the next request.
    if (exchange.body && !exchange.body.readableEnded) exchange.closeAfter();
    this.#sink?.end();
    if (!exchange.closed && this.#sink && this.#sink.writableLength > 0) this.#watchDelivery();
    this.#done();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const { exchange, fail } = this.#job;
    this.#finish();
    clearTimeout(this.#waiting);
    if (exchange.closed || error instanceof ClientGone) {
      this.#done();
      return;
    }
    if (!exchange.responded && !this.#begun && this.#retry(error)) return;
    fail(upstreamFault(error));
    this.#done();
  }

  /** A body that hardly moves although we would take more is given up. */
  #watchRequestBody(controller: Dispatcher.DispatchController): void {
    const { exchange, limits } = this.#job;
    const { body } = exchange;
    if (!body) return;
    let bytes = 0;
    const stalled = setInterval(() => {
      if (bytes < limits.requestBodyMinBytes && !body.isPaused())
        controller.abort(new Fault('request-timeout', { detail: 'The request body stood still.' }));
      bytes = 0;
    }, limits.requestBodyIdleMs);
    stalled.unref();
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    body.once('end', () => clearInterval(stalled));
    body.once('close', () => clearInterval(stalled));
  }

  /** The upstream is done, the browser still has to take what is left: it is let go when it takes nothing any more. */
  #watchDelivery(): void {
    const { exchange, limits } = this.#job;
    const sink = this.#sink;
    if (!sink) return;
    let left = sink.writableLength;
    const stalled = setInterval(() => {
      if (sink.writableLength === left) exchange.abort();
      left = sink.writableLength;
    }, limits.responseStallMs);
    stalled.unref();
    exchange.onClosed(() => clearInterval(stalled));
  }

  #armIdle(controller: Dispatcher.DispatchController, timeoutMs: number | null): void {
    this.#clearIdle();
    if (timeoutMs === null || this.#finished) return;
    this.#idle = setTimeout(() => {
      controller.abort(new Fault('upstream-timeout', { detail: 'The response body stood still.' }));
    }, timeoutMs);
    this.#idle.unref();
  }

  #clearIdle(): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = null;
  }

  #finish(): void {
    this.#finished = true;
    this.#clearIdle();
  }
}

class ClientGone extends Error {}

/** What undici or a socket reported, as a fault: which sentence a person reads and which status a program gets. */
export function upstreamFault(error: Error): Fault {
  if (isFault(error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const options = { detail: `${code} ${error.message}`.trim(), cause: error };
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return new Fault('upstream-timeout', options);
  if (code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') return new Fault('bad-request', options);
  if (code === 'UND_ERR_SOCKET' || CLOSED.has(code)) return new Fault('upstream-closed', options);
  return new Fault('upstream-protocol', options);
}

const CLOSED = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']);
const DIAL_FAULTS = new Set(['upstream-refused', 'upstream-unreachable', 'upstream-connect-timeout']);

function isDialFault(error: Error): boolean {
  return isFault(error) && DIAL_FAULTS.has(error.code);
}

/** Reports whether the connection had carried an earlier answer: the upstream closed it as we wrote (RFC 9112 §9.3.1). */
function wasReused(error: Error): boolean {
  if ('code' in error && error.code === 'UND_ERR_SOCKET' && 'socket' in error) {
    const { socket } = error;
    return typeof socket === 'object' && socket !== null && 'bytesRead' in socket && Number(socket.bytesRead) > 0;
  }
  return 'bytesRead' in error && Number(error.bytesRead) > 0 && 'code' in error && CLOSED.has(String(error.code));
}

function flatHeaders(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(raw)) return [];
  return raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
}

function isEventStream(headers: readonly string[]): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === 'content-type') return /^\s*text\/event-stream\b/i.test(headers[i + 1] ?? '');
  }
  return false;
}
