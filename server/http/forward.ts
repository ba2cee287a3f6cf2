// Sends an allowed request to its upstream and streams the answer back, with backpressure both ways and one safe retry.
import { asFault, Fault } from '#server/core/fault.ts';
import type { Exchange, Outcome } from './exchange.ts';
import type { Limits } from './limits.ts';
import type {
  Dispatched,
  DispatchOptions,
  UpstreamClient,
  UpstreamFailure,
  UpstreamHandler,
  UpstreamOwner,
  UpstreamRequest,
  UpstreamStream,
  UpstreamTarget,
} from './upstream/upstream.ts';

export type Forward = {
  exchange: Exchange;
  outcome: Outcome;
  upstreams: UpstreamClient;
  owner: UpstreamOwner;
  target: UpstreamTarget;
  /** Where the upstream is by the time of a second attempt, checked again; null once there is another one in its place. Rejects with a Fault. */
  resolve(): Promise<UpstreamTarget | null>;
  request: UpstreamRequest;
  options: DispatchOptions;
  limits: Limits;
  /** Upstream response headers → what the browser gets. */
  answerHeaders(status: number, headers: string[]): readonly string[];
  fail(fault: Fault): void;
};

/** Returns at once; the exchange says when it has been answered, aborted or failed. */
export function forward(job: Forward): void {
  new Relay(job).dispatch(job.target, job.options);
}

/** Both attempts of one request, from the first byte sent to the last byte received. */
class Relay implements UpstreamHandler {
  readonly #job: Forward;
  readonly #startedAt = performance.now();
  #dispatched: Dispatched | null = null;
  #carrier: UpstreamStream | null = null;
  #stalled: NodeJS.Timeout | null = null;
  #bodyWatch: NodeJS.Timeout | null = null;
  #isWatchingDrain = false;
  #finished = false;

  constructor(job: Forward) {
    this.#job = job;
    job.exchange.onClosed(() => this.#clientClosed());
  }

  dispatch(target: UpstreamTarget, options: DispatchOptions): void {
    const { owner, request, upstreams } = this.#job;
    const dispatched = upstreams.dispatch(owner, target, request, this, options);
    if (this.#finished) return;
    this.#dispatched = dispatched;
  }

  carried(carrier: UpstreamStream): void {
    const { exchange } = this.#job;
    // Cut while it waited for its turn, and not yet told: nothing of it is sent.
    if (exchange.closed) {
      this.#finish();
      carrier.abort();
      return;
    }
    this.#carrier = carrier;
    if (exchange.body === null) return;
    exchange.allowBody();
    this.#watchRequestBody(carrier);
  }

  informed(status: number, headers: string[]): void {
    const { answerHeaders, exchange } = this.#job;
    exchange.inform(status, answerHeaders(status, headers));
  }

  answered(status: number, headers: string[], length: number | null): void {
    const { answerHeaders, exchange, outcome } = this.#job;
    // From here on both may talk, or only listen, for as long as the answer may (W11).
    this.#endBodyWatch();
    outcome.status = status;
    outcome.upstreamMs = performance.now() - this.#startedAt;
    exchange.respond(status, answerHeaders(status, headers), length === 0);
    // A body that does not come with its head may take long: an event stream is open when its head arrives.
    if (length !== 0) process.nextTick(flushUnlessBegun, exchange, outcome);
  }

  data(chunk: Buffer): void {
    const { exchange, outcome } = this.#job;
    outcome.bytes += chunk.length;
    if (!exchange.write(chunk)) this.#awaitRoom();
  }

  ended(trailers: string[] | null): void {
    const { exchange } = this.#job;
    this.#finish();
    // Answered before it was asked to the end: what is left of the body is never read as the next request.
    if (exchange.body && !exchange.body.readableEnded) exchange.closeAfter();
    exchange.end(trailers ? allowedTrailers(trailers) : undefined);
  }

  failed({ again, fault }: UpstreamFailure): void {
    const { exchange } = this.#job;
    this.#carrier = null;
    this.#dispatched = null;
    if (again && !exchange.closed && !exchange.responded) void this.#retry(fault);
    else this.#fail(fault);
  }

  /** While it ran, the app may have moved to other addresses, or to another upstream, and its site lost some. */
  async #retry(fault: Fault): Promise<void> {
    const { options, outcome, resolve } = this.#job;
    try {
      const target = await resolve();
      if (this.#finished) return;
      if (target === null) return this.#fail(fault);
      outcome.retries += 1;
      this.dispatch(target, { ...options, isRetry: true });
    } catch (thrown) {
      if (!this.#finished) this.#fail(asFault(thrown));
    }
  }

  #fail(fault: Fault): void {
    const { exchange, fail } = this.#job;
    this.#finish();
    if (exchange.closed) return;
    // An answer that broke before a byte of it left was none.
    exchange.takeBack();
    fail(fault);
  }

  #clientClosed(): void {
    if (this.#finished) return;
    this.#finish();
    this.#dispatched?.cancel();
  }

  /** The browser takes nothing more for now, so nothing more is taken from the upstream; for how long, is limited. */
  #awaitRoom(): void {
    const { exchange, limits } = this.#job;
    const carrier = this.#carrier;
    if (exchange.closed || !carrier) return;
    carrier.pause();
    this.#stalled ??= setTimeout(() => exchange.abort(), limits.responseStallMs).unref();
    if (this.#isWatchingDrain) return;
    this.#isWatchingDrain = true;
    exchange.onDrain(() => {
      this.#clearStalled();
      if (!this.#finished) this.#carrier?.resume();
    });
  }

  /** A body that hardly moves although we would take more is given up, as long as nothing was answered to it. */
  #watchRequestBody(carrier: UpstreamStream): void {
    const { exchange, fail, limits, outcome } = this.#job;
    const { body } = exchange;
    if (!body) return;
    let bytes = 0;
    this.#bodyWatch = setInterval(() => {
      if (bytes < limits.requestBodyMinBytes && !body.isPaused()) {
        this.#finish();
        carrier.abort();
        fail(new Fault('request-timeout', { detail: 'The request body stood still.' }));
      }
      bytes = 0;
    }, limits.requestBodyIdleMs).unref();
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      outcome.received += chunk.length;
    });
    const over = (): void => this.#endBodyWatch();
    body.once('end', over);
    body.once('close', over);
  }

  #endBodyWatch(): void {
    if (this.#bodyWatch) clearInterval(this.#bodyWatch);
    this.#bodyWatch = null;
  }

  #clearStalled(): void {
    if (this.#stalled) clearTimeout(this.#stalled);
    this.#stalled = null;
  }

  #finish(): void {
    this.#finished = true;
    this.#clearStalled();
    this.#endBodyWatch();
    // Nobody reads the rest any more. Paused and complete, it would never end by itself.
    this.#job.exchange.body?.destroy();
  }
}

function flushUnlessBegun(exchange: Exchange, outcome: Outcome): void {
  if (outcome.bytes === 0 && !exchange.closed) exchange.flush();
}

/** Trailers that could change what the head said are none (RFC 9110 §6.5.1); gRPC's status is what they are for. */
function allowedTrailers(trailers: readonly string[]): string[] {
  const allowed: string[] = [];
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i] as string;
    if (!FORBIDDEN_TRAILER.test(name)) allowed.push(name, trailers[i + 1] as string);
  }
  return allowed;
}

// Framing, routing, authentication, cookies, caching, and every name that only we may say.
const FORBIDDEN_TRAILER =
  /^(transfer-encoding|content-(length|encoding|type|range|disposition|security-policy)|host|connection|keep-alive|upgrade|te|trailer|set-cookie|location|www-authenticate|proxy-.*|authorization|cookie|cache-control|expires|age|vary|date|retry-after|strict-transport-security|alt-svc|clear-site-data|access-control-.*|service-worker-allowed|refresh|foyer-.*)$/i;
