// One connection to a DNS server that many queries share: answers come in any order, and each counts for its own query only (RFC 7766 §6.2.1.1).
import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { framed, frameReader } from './frame.ts';
import type { Message } from './message.ts';
import { type ExchangeFailure, type ExchangeResult, isReplyTo } from './query.ts';
import { decode, encode } from './wire.ts';

export type ConnectionOptions = {
  /** About to open. */
  socket: Socket;
  transport: 'tcp' | 'tls';
  /** Without a query for so long it is closed (RFC 7766 §6.2.3). */
  idleMs: number;
  /** Why it did not open, as the socket's error says. */
  failureOf(error: NodeJS.ErrnoException): ExchangeFailure;
  onGone(): void;
};

export type Connection = {
  /** Under an id that no other query on it has. Never rejects. */
  ask(query: Message, until: AbortSignal): Promise<ExchangeResult>;
  /** Queries under way. */
  load(): number;
  /** Reports whether it takes another query. */
  isUsable(): boolean;
  /** Reports whether it has ever answered: such a one may have been closed while nobody used it. */
  isProven(): boolean;
  end(): void;
};

type Waiting = { query: Message; heardBefore: number; settle(result: ExchangeResult): void };

/** A server that says so much that nobody asked for is not listened to any longer. */
const MAX_UNASKED = 100;
const CUT_OFF: NodeJS.ErrnoException = Object.assign(new Error('closed by the far end'), { code: 'ECONNRESET' });

/** What is asked before it is open waits for that. `onGone` is called once, however it ends; then whatever is under way fails. */
export function openConnection({ socket, transport, idleMs, failureOf, onGone }: ConnectionOptions): Connection {
  const waiting = new Map<number, Waiting>();
  let phase: 'opening' | 'open' | 'retired' | 'gone' = 'opening';
  let isReady = false;
  let heard = 0;
  let answered = 0;
  let unasked = 0;
  let idling: NodeJS.Timeout | undefined;

  socket.once(transport === 'tls' ? 'secureConnect' : 'connect', () => {
    isReady = true;
    if (phase === 'opening') phase = 'open';
    // Nothing is written before: whoever the far end is has to be known first.
    socket.cork();
    for (const { query } of waiting.values()) socket.write(framed(encode(query)));
    socket.uncork();
  });
  const lose = (error: NodeJS.ErrnoException) => fail(isReady ? 'closed' : failureOf(error));
  socket.on('error', lose);
  socket.on('end', () => lose(CUT_OFF));
  socket.on('close', () => lose(CUT_OFF));
  const read = frameReader();
  socket.on('data', (chunk: Buffer) => {
    for (const bytes of read(chunk)) if (phase !== 'gone') take(bytes);
  });

  function ask(query: Message, until: AbortSignal): Promise<ExchangeResult> {
    if (until.aborted || phase === 'gone')
      return Promise.resolve({ kind: 'failed', reason: until.aborted ? 'aborted' : 'closed' });
    return new Promise((resolve) => {
      const sent = { ...query, id: freeId(query.id) };
      const abort = () => abandon(sent.id);
      const settle = (result: ExchangeResult) => {
        waiting.delete(sent.id);
        until.removeEventListener('abort', abort);
        resolve(result);
        if (waiting.size === 0 && phase !== 'gone') rest();
      };
      clearTimeout(idling);
      socket.ref();
      until.addEventListener('abort', abort, { once: true });
      waiting.set(sent.id, { query: sent, heardBefore: heard, settle });
      if (isReady) socket.write(framed(encode(sent)));
    });
  }

  function freeId(wanted: number): number {
    let id = wanted;
    while (waiting.has(id)) id = randomInt(0x10000);
    return id;
  }

  function take(bytes: Buffer): void {
    heard++;
    const decoded = decode(bytes);
    const header = decoded.kind === 'message' ? decoded.message : decoded.header;
    const asked = header === null ? undefined : waiting.get(header.id);
    if (decoded.kind === 'malformed') {
      // Of a message that cannot be read only its own query dies; one that is nobody's puts the whole stream in doubt.
      if (asked === undefined) fail('malformed');
      else asked.settle({ kind: 'failed', reason: 'malformed' });
      return;
    }
    const { message } = decoded;
    if (asked === undefined || !isReplyTo(asked.query, message)) {
      if (++unasked > MAX_UNASKED) fail('malformed');
      return;
    }
    unasked = 0;
    answered++;
    // There is no larger transport to go to (D7).
    asked.settle(
      message.isTruncated ? { kind: 'failed', reason: 'malformed' } : { kind: 'answered', message, transport },
    );
  }

  /** A connection that said nothing all the while is given no more queries. */
  function abandon(id: number): void {
    const left = waiting.get(id);
    if (left !== undefined && left.heardBefore === heard && phase !== 'gone') phase = 'retired';
    left?.settle({ kind: 'failed', reason: 'aborted' });
  }

  /** Nobody waits for it, a process that wants to end least of all. */
  function rest(): void {
    if (phase === 'retired') return fail('closed');
    socket.unref();
    idling = setTimeout(() => fail('closed'), idleMs).unref();
    return undefined;
  }

  function fail(reason: ExchangeFailure): void {
    if (phase === 'gone') return;
    phase = 'gone';
    clearTimeout(idling);
    socket.destroy();
    onGone();
    for (const { settle } of [...waiting.values()]) settle({ kind: 'failed', reason });
  }

  return {
    ask,
    load: () => waiting.size,
    isUsable: () => phase === 'opening' || phase === 'open',
    isProven: () => answered > 0,
    end: () => fail('aborted'),
  };
}
