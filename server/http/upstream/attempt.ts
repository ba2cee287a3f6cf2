// One dispatched request, from its place in a queue to the last byte of its answer, and what its fate says about the endpoint.
import { Fault } from '#server/core/fault.ts';
import { hashText } from './choose.ts';
import type { Connection } from './connection.ts';
import { type EndpointHealth, isEndpointsFault, saysUnwell } from './ejection.ts';
import type { Lane } from './lane.ts';
import type {
  Dispatched,
  DispatchOptions,
  UpstreamFailure,
  UpstreamHandler,
  UpstreamRequest,
  UpstreamStream,
} from './upstream.ts';

/** A connection on its way to `lane`, or another where that gives none, and who waits for it. */
export type Dialling = {
  readonly lane: Lane | null;
  waiting: Set<Attempt>;
  abort: AbortController;
  /** It is there, to this lane, and allows no request yet. */
  shut: Lane | null;
};

/** Who hears what becomes of it. */
export type AttemptOwner = {
  /** It neither waits nor runs any more. Called once. */
  over(attempt: Attempt): void;
  /** Reports whether it may be sent once more, and takes that of the budget. */
  mayTryAgain(attempt: Attempt): boolean;
  clock(): number;
};

let turns = 0;

export class Attempt implements Dispatched, UpstreamHandler, UpstreamStream {
  readonly request: UpstreamRequest;
  readonly person: string | null;
  readonly isRetry: boolean;
  /** While it waits for a connection. */
  waitsUntil = 0;
  dial: Dialling | null = null;
  /** The one it prefers, then the one that carries it. */
  lane: Lane | null = null;
  readonly #stickyKey: string | null;
  readonly #handler: UpstreamHandler;
  readonly #owner: AttemptOwner;
  #hash: number | null = null;
  #stream: UpstreamStream | null = null;
  #startedAt = 0;
  /** Set while this is the request that tries an endpoint after its ejection. */
  #probed: EndpointHealth | null = null;
  #hasAnswer = false;
  #isOver = false;

  constructor(request: UpstreamRequest, handler: UpstreamHandler, options: DispatchOptions, owner: AttemptOwner) {
    this.request = request;
    this.#handler = handler;
    this.#owner = owner;
    this.person = options.person;
    this.isRetry = options.isRetry === true;
    this.#stickyKey = options.stickyKey;
  }

  /** Decides which endpoint it prefers, where there are several. */
  get hash(): number {
    if (this.#hash === null) {
      if (this.#stickyKey === null) turns = (turns + 1) | 0;
      this.#hash = this.#stickyKey === null ? Math.imul(turns, 0x9e3779b1) : hashText(this.#stickyKey);
    }
    return this.#hash;
  }

  prefer(lane: Lane, now: number): void {
    this.lane = lane;
    this.#probed?.probeEnded();
    this.#probed = lane.began(now);
  }

  /** `lane` is the one of the connection. */
  run(connection: Connection, lane: Lane, now: number): void {
    this.lane = lane;
    this.#startedAt = now;
    connection.run(this.request, this, now);
  }

  cancel(): void {
    if (this.#isOver) return;
    const stream = this.#stream;
    this.#end();
    stream?.abort();
  }

  carried(stream: UpstreamStream): void {
    this.#stream = stream;
    this.#handler.carried(this);
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  abort(): void {
    this.cancel();
  }

  informed(status: number, headers: string[]): void {
    if (!this.#isOver) this.#handler.informed(status, headers);
  }

  answered(status: number, headers: string[], length: number | null): void {
    if (this.#isOver) return;
    this.#hasAnswer = true;
    if (saysUnwell(status)) this.lane?.health.failed(this.#owner.clock(), this.#startedAt, `status ${status}`);
    else this.lane?.succeeded(this.#startedAt);
    this.#handler.answered(status, headers, length);
  }

  data(chunk: Buffer): void {
    if (!this.#isOver) this.#handler.data(chunk);
  }

  ended(trailers: string[] | null): void {
    if (this.#isOver) return;
    this.#end();
    this.#handler.ended(trailers);
  }

  failed({ fault, again, isBlameless = false }: UpstreamFailure): void {
    if (this.#isOver) return;
    if (!this.#hasAnswer && !isBlameless && isEndpointsFault(fault.code))
      this.lane?.health.failed(this.#owner.clock(), this.#startedAt, fault.code);
    this.#end();
    this.#handler.failed({ fault, again: again && this.#owner.mayTryAgain(this) });
  }

  /** It never got a connection. */
  refuse(fault: Fault, again: boolean): void {
    if (this.#isOver) return;
    this.#end();
    this.#handler.failed({ fault, again: again && this.#owner.mayTryAgain(this) });
  }

  overload(detail: string): void {
    this.refuse(new Fault('overloaded', { detail }), false);
  }

  #end(): void {
    this.#isOver = true;
    this.#stream = null;
    this.#probed?.probeEnded();
    this.#owner.over(this);
  }
}
