// From a stream's head to an exchange, or to a refusal: the same checks as over HTTP/1.1, and how much work a connection may make.
import type { TLSSocket } from 'node:tls';
import type { FaultCode } from '#server/core/fault.ts';
import { admit } from './admission.ts';
import type { Client } from './client-address.ts';
import { withoutReserved } from './header-names.ts';
import { Http2Exchange } from './http2-exchange.ts';
import type { Http2Head } from './http2-request.ts';
import type { Http2Stream, StreamOwner } from './http2-stream.ts';
import type { Front } from './listen.ts';
import { rawProblem } from './respond.ts';
import { newSupportId } from './support-id.ts';
import { ERROR } from './wire/http2-frame.ts';

/** The requests of one connection. */
export class Http2Intake {
  readonly #front: Front;
  readonly #socket: TLSSocket;
  readonly #owner: Pick<StreamOwner, 'reset'>;
  /** Who is at the other end; null behind a listed proxy, where each request says it. */
  readonly #peer: Client | null;
  /** Requests for which something is still done, those included whose stream is closed. */
  #work = 0;

  constructor(front: Front, socket: TLSSocket, owner: Pick<StreamOwner, 'reset'>) {
    this.#front = front;
    this.#socket = socket;
    this.#owner = owner;
    this.#peer = front.peer(socket);
  }

  take(stream: Http2Stream, head: Http2Head): void {
    const front = this.#front;
    const { authority, expect, headers, method, target } = head;
    const isHead = method === 'HEAD';
    const admission = admit({ method, target, authority, headers, version: '2.0' }, front.limits);
    if (admission.kind === 'refused') return this.refuse(stream, admission.code, isHead);
    if (expect !== null && expect.toLowerCase() !== '100-continue')
      return this.refuse(stream, 'expectation-failed', isHead);
    const { clientAddress, scheme } = this.#peer ?? front.client(this.#socket, headers);
    const misplaced = front.misplaced(this.#socket, admission.hostname, admission.port, scheme);
    if (misplaced) return this.refuse(stream, misplaced, isHead);
    // What a client resets may still be looked up or dialled for, so streams alone say too little (CVE-2023-44487).
    if (this.#work >= front.limits.streams) return this.#owner.reset(stream, ERROR.refusedStream, 'client');
    this.#work += 1;
    const exchange = new Http2Exchange(
      stream,
      expect !== null,
      {
        method,
        target: admission.target,
        hostname: admission.hostname,
        headers: withoutReserved(headers),
        scheme,
        clientAddress,
        receivedAt: front.now(),
      },
      () => this.#owner.reset(stream, ERROR.internal, 'ours'),
    );
    const work = front.onExchange(exchange);
    // When the work is over and the stream is closed, whichever comes last.
    const endWithStream = () =>
      stream.onClosed(() => {
        this.#work -= 1;
      });
    if (work) work.then(endWithStream, endWithStream);
    else endWithStream();
  }

  /** Answers what never became an exchange. */
  refuse(stream: Http2Stream, code: FaultCode, isHead: boolean): void {
    const supportId = newSupportId();
    this.#front.onRefused(code, supportId, this.#socket);
    const { status, headers, body } = rawProblem(code, supportId, this.#front.now());
    stream.refuseRest();
    stream.respond(status, headers, isHead);
    stream.write(Buffer.from(body));
    stream.end(null);
  }
}
