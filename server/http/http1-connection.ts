// One HTTP/1.1 connection of a browser: reads request after request, one at a time, and nothing behind the last one.
import type { Socket } from 'node:net';
import type { FaultCode } from '#server/core/fault.ts';
import { type Admission, admit } from './admission.ts';
import type { Client } from './client-address.ts';
import { withoutReserved } from './header-names.ts';
import { Http1Exchange } from './http1-exchange.ts';
import { lingeringClose } from './lingering-close.ts';
import type { Front } from './listen.ts';
import { BodyCutOff, RequestBody } from './request-body.ts';
import { rawProblem, rawRefusal } from './respond.ts';
import { newSupportId } from './support-id.ts';
import { admitUpgrade } from './upgrade-admission.ts';
import { ChunkedReader } from './wire/chunked.ts';
import { type Framing, requestFraming } from './wire/framing.ts';
import { type HeadProblem, type RequestHeadRead, readRequestHead } from './wire/head.ts';
import { responseHead } from './wire/write.ts';

/** What its server tells a connection: the time, coarsely, and whether it may stay. */
export type Http1Host = {
  readonly front: Front;
  /** Monotonic milliseconds as of the last sweep. */
  readonly nowMs: number;
  /** Set while draining: how long a connection may wait for a request. */
  readonly drainIdleMs: number | null;
  forget(connection: Http1Connection): void;
};

type RequestHead = RequestHeadRead & { kind: 'head' };
type Admitted = Admission & { kind: 'admitted' };

/** Bytes that may wait behind a request. Nobody sends more before it is answered but to see what happens. */
const MAX_HELD_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);
/** Where reading goes on behind a refusal. */
const NOWHERE = Number.MAX_SAFE_INTEGER;

const PROBLEM_CODES: Record<HeadProblem, FaultCode> = {
  malformed: 'bad-request',
  'too-large': 'headers-too-large',
  version: 'version-not-supported',
};

export class Http1Connection {
  readonly socket: Socket;
  readonly isOverTls: boolean;
  /** After the present answer nothing more is read as a request. */
  ending = false;
  /** Nobody is there any more. */
  isGone = false;
  readonly #host: Http1Host;
  /** Read and not yet understood. */
  #held: Buffer = NOTHING;
  #exchange: Http1Exchange | null = null;
  #body: RequestBody | null = null;
  /** Where the body under way ends: bytes left, or a reader that knows. */
  #bodyLeft = 0;
  #chunks: ChunkedReader | null = null;
  #isReading = false;
  /** Who is at the other end; null behind a listed proxy, where each request says it. */
  readonly #peer: Client | null;
  #isFirst = true;
  /** When a wait for a request head is over, in the host's time. */
  #headDeadline: number;
  #idleSince: number;
  /** Bytes left of a complete answer at the last look, and since when they are as many; -1 before the first look. */
  #untaken = -1;
  #untakenSince = 0;

  constructor(host: Http1Host, socket: Socket) {
    this.#host = host;
    this.socket = socket;
    this.isOverTls = 'encrypted' in socket;
    this.#idleSince = host.nowMs;
    this.#headDeadline = host.nowMs + host.front.limits.headersTimeoutMs;
    this.#peer = host.front.peer(socket);
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    socket.once('end', this.#onEnd);
    socket.once('close', this.#onClose);
    socket.on('error', this.#onError);
  }

  get draining(): boolean {
    return this.#host.drainIdleMs !== null;
  }

  /** Called now and then. A head that takes too long, and an idle connection, are let go. */
  sweep(nowMs: number): void {
    if (this.#exchange) this.#letGoOfUntaken(this.#exchange, nowMs);
    if (this.#exchange || this.ending) return;
    const saysNothing = this.#held.length === 0;
    const isIdle = !this.#isFirst && saysNothing;
    const { drainIdleMs } = this.#host;
    if (isIdle && drainIdleMs !== null && nowMs - this.#idleSince > drainIdleMs) this.#endIdle();
    if (nowMs < this.#headDeadline) return;
    // Browsers connect ahead of their requests, and one that crosses a 408 would take it for its answer.
    if (saysNothing) this.#endIdle();
    else this.#refuse('request-timeout', null);
  }

  /**
   * Ends it in the middle of an answer. A body that ends with its connection (RFC 9112 §6.3) is told from a whole one by a reset
   * alone, and what the kernel still holds for a client that takes nothing goes with it. Over TLS the missing close_notify tells
   * it (RFC 8446 §6.1), and that handle cannot be reset.
   */
  cut(): void {
    this.isGone = true;
    if (this.isOverTls) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  /** Closes it when it waits for a request; reports whether it did. */
  closeIdle(): boolean {
    if (this.#exchange || this.ending || this.#isFirst || this.#held.length > 0) return false;
    this.#endIdle();
    return true;
  }

  /** Milliseconds since the last answer; 0 while a request is under way or its head is on its way. */
  idleMs(nowMs: number): number {
    return this.#exchange || this.#held.length > 0 ? 0 : nowMs - this.#idleSince;
  }

  /** The exchange's answer has been taken by the client. */
  finished(exchange: Http1Exchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = null;
    this.#untaken = -1;
    exchange.close();
    // A body that nobody read to its end would be taken for the next request.
    if (this.ending || this.#body) {
      this.#end();
      return;
    }
    const { nowMs, front } = this.#host;
    this.#idleSince = nowMs;
    this.#headDeadline = nowMs + front.limits.keepAliveMs;
    if (this.socket.isPaused()) this.socket.resume();
    if (this.#isReading) return;
    const held = this.#held;
    if (held.length === 0) return;
    this.#held = NOTHING;
    this.#readHeads(held);
  }

  /** An answer that is complete, also a short one of ours, holds its connection only while its client takes something of it. */
  #letGoOfUntaken({ isEnded, pending }: Http1Exchange, nowMs: number): void {
    if (!isEnded || pending !== this.#untaken) {
      this.#untaken = isEnded ? pending : -1;
      this.#untakenSince = nowMs;
    } else if (nowMs - this.#untakenSince >= this.#host.front.limits.responseStallMs) this.cut();
  }

  #onData = (bytes: Buffer): void => {
    if (this.#body) this.#readBody(bytes, 0);
    else if (this.#exchange) this.#hold(bytes);
    else if (!this.ending) this.#readHeads(this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]));
  };

  #onDrain = (): void => {
    this.#exchange?.drained();
  };

  /** A client that ends its side while it waits has given up, as nginx and Go take it too. */
  #onEnd = (): void => {
    if (!this.#exchange) return;
    this.isGone = true;
    this.socket.destroy();
  };

  #onError = (): void => {
    this.isGone = true;
    this.socket.destroy();
  };

  #onClose = (): void => {
    this.isGone = true;
    this.#host.forget(this);
    this.#body?.destroy(new BodyCutOff('The client broke off in the middle of its body.'));
    this.#exchange?.close();
  };

  #hold(bytes: Buffer): void {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    if (this.#held.length <= MAX_HELD_BYTES) return;
    // Its client may have the whole answer before we are told so, and send the next request at once.
    if (this.#exchange?.isEnded) this.socket.pause();
    else this.socket.destroy();
  }

  /** Reads heads until one has to be answered first. An answer may come before this returns. */
  #readHeads(bytes: Buffer): void {
    this.#isReading = true;
    let at = 0;
    while (at < bytes.length && !this.#exchange && !this.#body && !this.ending) {
      const head = readRequestHead(bytes, at, this.#host.front.limits);
      if (head.kind === 'more') {
        this.#awaitRestOfHead();
        break;
      }
      this.#isFirst = false;
      if (head.kind === 'bad') {
        this.#refuse(PROBLEM_CODES[head.problem], null);
        break;
      }
      at = head.end;
      const taken = this.#accept(head, bytes, at);
      if (taken === -1) return;
      at = taken;
    }
    this.#isReading = false;
    this.#held = at === 0 ? bytes : bytes.subarray(at);
    if (this.ending) this.#held = NOTHING;
  }

  #awaitRestOfHead(): void {
    if (this.#isFirst || this.#held.length > 0) return;
    this.#headDeadline = this.#host.nowMs + this.#host.front.limits.headersTimeoutMs;
  }

  /** Turns a head into an exchange, or a refusal. Returns the place behind the body's bytes, or -1 when the socket is handed on. */
  #accept(head: RequestHead, bytes: Buffer, at: number): number {
    const { front } = this.#host;
    if (head.method === 'CONNECT') return this.#refuse('method-not-allowed', null, ['Allow: GET, HEAD, POST']);
    const framing = requestFraming(head.minor, head.headers);
    if (framing.kind === 'bad') return this.#refuse('bad-request', head.method);
    const facts = connectionFacts(head);
    const version = head.minor === 0 ? '1.0' : '1.1';
    const admission = admit(
      { method: head.method, target: head.target, authority: null, headers: head.headers, version },
      front.limits,
    );
    if (admission.kind === 'refused') return this.#refuse(admission.code, head.method);
    if (facts.upgrade !== null && !/^\s*h2c?\s*$/i.test(facts.upgrade))
      return this.#upgrade(head, version, admission, bytes, at);
    // HTTP/1.0 has no expectations (RFC 9110 §10.1.1).
    const expects = head.minor === 1 && facts.expect !== null;
    if (expects && facts.expect?.toLowerCase() !== '100-continue')
      return this.#refuse('expectation-failed', head.method);
    const client = this.#whereFrom(head, admission);
    if (client === null) return NOWHERE;
    if (!facts.persists) this.ending = true;
    const hasBody = this.#openBody(framing);
    const exchange = new Http1Exchange(
      this,
      {
        method: head.method,
        target: admission.target,
        hostname: admission.hostname,
        headers: withoutReserved(head.headers),
        scheme: client.scheme,
        clientAddress: client.clientAddress,
        receivedAt: front.now(),
      },
      this.#body,
      { minor: head.minor, expectsContinue: expects && hasBody, takesTrailers: facts.takesTrailers },
    );
    this.#exchange = exchange;
    const behind = hasBody ? this.#readBodyBytes(bytes, at) : at;
    // A body that is broken in its first bytes has been refused by now.
    if (this.#exchange === exchange) front.onExchange(exchange);
    return behind;
  }

  /** Who asks; null where that name is not asked for here, which has been refused by then. */
  #whereFrom({ method, headers }: RequestHead, { hostname, port }: Admitted): Client | null {
    const { front } = this.#host;
    const client = this.#peer ?? front.client(this.socket, headers);
    const misplaced = front.misplaced(this.socket, hostname, port, client.scheme);
    if (!misplaced) return client;
    this.#refuse(misplaced, method);
    return null;
  }

  #openBody(framing: Framing): boolean {
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0)) return false;
    this.#bodyLeft = framing.kind === 'length' ? framing.bytes : 0;
    this.#chunks = framing.kind === 'chunked' ? new ChunkedReader() : null;
    this.#body = new RequestBody(() => this.socket.resume());
    return true;
  }

  #readBody(bytes: Buffer, at: number): void {
    const behind = this.#readBodyBytes(bytes, at);
    if (behind < bytes.length && !this.#body) this.#afterBody(behind === 0 ? bytes : bytes.subarray(behind));
  }

  #afterBody(rest: Buffer): void {
    if (this.#exchange) this.#hold(rest);
    else if (!this.ending) this.#readHeads(rest);
  }

  /** Gives the body what is its own, and returns the place behind it. */
  #readBodyBytes(bytes: Buffer, at: number): number {
    const body = this.#body;
    if (!body) return at;
    const push = (piece: Buffer): void => {
      if (!body.destroyed && !body.push(piece)) this.socket.pause();
    };
    if (!this.#chunks) {
      const end = Math.min(bytes.length, at + this.#bodyLeft);
      if (end > at) push(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
      this.#bodyLeft -= end - at;
      if (this.#bodyLeft === 0) this.#endBody(body);
      return end;
    }
    const end = this.#chunks.read(bytes, at, push);
    if (this.#chunks.bad) this.#refuseBody(body);
    else if (this.#chunks.done) this.#endBody(body);
    return end;
  }

  #endBody(body: RequestBody): void {
    this.#body = null;
    this.#chunks = null;
    if (!body.destroyed) body.push(null);
    // It may have been full; what comes next is held, and bounded, here.
    this.socket.resume();
  }

  /** Nothing behind a broken body can be told from it. */
  #refuseBody(body: RequestBody): void {
    this.#body = null;
    this.#chunks = null;
    const exchange = this.#exchange;
    const brokenOff = new BodyCutOff('The body is not framed as HTTP/1.1 says.');
    if (exchange !== null && !exchange.responded && !this.#isReading) {
      // Whoever reads the body answers, in the name of the request.
      this.ending = true;
      this.socket.off('data', this.#onData);
      this.socket.resume();
      body.destroy(brokenOff);
      return;
    }
    this.#exchange = null;
    body.destroy(brokenOff);
    if (exchange?.responded) {
      this.socket.destroy();
      exchange.close();
      return;
    }
    this.#refuse('bad-request', null);
    exchange?.close();
  }

  #upgrade(head: RequestHead, version: '1.0' | '1.1', admission: Admitted, bytes: Buffer, at: number): number {
    const { front } = this.#host;
    const upgrade = admitUpgrade(head.method, version, head.headers);
    if (upgrade.kind === 'refused') {
      const isOldVersion = upgrade.code === 'websocket-version';
      return this.#refuse(upgrade.code, null, isOldVersion ? ['Sec-WebSocket-Version: 13', 'Upgrade: websocket'] : []);
    }
    const client = this.#whereFrom(head, admission);
    if (client === null) return NOWHERE;
    this.#handOver();
    front.onUpgrade({
      supportId: newSupportId(),
      protocol: 'HTTP/1.1',
      scheme: client.scheme,
      method: 'GET',
      target: admission.target,
      hostname: admission.hostname,
      headers: withoutReserved(head.headers),
      clientAddress: client.clientAddress,
      receivedAt: front.now(),
      key: upgrade.key,
      socket: this.socket,
      early: Buffer.from(bytes.subarray(at)),
    });
    return -1;
  }

  /** From here on the socket is somebody else's; only its error listener stays. */
  #handOver(): void {
    const { socket } = this;
    this.ending = true;
    this.#held = NOTHING;
    socket.pause();
    socket.off('data', this.#onData);
    socket.off('drain', this.#onDrain);
    socket.off('end', this.#onEnd);
    socket.off('close', this.#onClose);
    this.#host.forget(this);
  }

  /** Answers what never became an exchange, and ends the connection behind it. Returns where reading goes on: nowhere. */
  #refuse(code: FaultCode, method: string | null, extra: readonly string[] = []): number {
    const supportId = newSupportId();
    this.#host.front.onRefused(code, supportId, this.socket);
    this.ending = true;
    if (this.socket.writable) {
      const now = this.#host.front.now();
      const { status, headers } = rawProblem(code, supportId, now);
      const head = `${responseHead(status, headers)}connection: close\r\n\r\n`;
      this.socket.write(method === 'HEAD' ? head : rawRefusal(code, supportId, now, extra), 'utf8');
    }
    this.#end();
    return NOWHERE;
  }

  /** Closes behind what was written, and reads on into the void for a moment: a reset would overtake it (RFC 9112 §9.6). */
  #end(): void {
    this.ending = true;
    this.#held = NOTHING;
    this.socket.off('data', this.#onData);
    this.socket.end();
    lingeringClose(this.socket);
  }

  #endIdle(): void {
    this.ending = true;
    this.socket.end();
    lingeringClose(this.socket);
  }
}

type HeadFacts = { persists: boolean; upgrade: string | null; expect: string | null; takesTrailers: boolean };

/** What a request's head says about its connection, in one pass (RFC 9110 §7.6.1, §7.8, §10.1). */
function connectionFacts({ headers, minor }: RequestHead): HeadFacts {
  const facts: HeadFacts = { persists: minor === 1, upgrade: null, expect: null, takesTrailers: false };
  let tokens: string[] | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    switch (name.length) {
      case 2:
        if (name.toLowerCase() === 'te')
          facts.takesTrailers ||= /(^|,)\s*trailers\s*(,|$)/i.test(headers[i + 1] as string);
        break;
      case 6:
        if (name.toLowerCase() === 'expect') facts.expect = both(facts.expect, headers[i + 1] as string);
        break;
      case 7:
        if (name.toLowerCase() === 'upgrade') facts.upgrade = headers[i + 1] as string;
        break;
      case 10:
        if (name.toLowerCase() === 'connection') {
          tokens ??= [];
          for (const token of (headers[i + 1] as string).split(',')) tokens.push(token.trim().toLowerCase());
        }
        break;
    }
  }
  if (tokens !== null) {
    if (tokens.includes('close')) facts.persists = false;
    else if (tokens.includes('keep-alive')) facts.persists = true;
  }
  if (!tokens?.includes('upgrade')) facts.upgrade = null;
  return facts;
}

/** Lines of one name are one list (RFC 9110 §5.3). */
function both(before: string | null, value: string): string {
  return before === null ? value : `${before}, ${value}`;
}
