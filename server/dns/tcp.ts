// Asks one query by TCP: a connection, a length, a message (RFC 1035 §4.2.2).
import { connect, type Socket } from 'node:net';
import type { Message } from './message.ts';
import { type Ask, type ExchangeResult, isReplyTo } from './query.ts';
import { decode, encode } from './wire.ts';

export const askTcp: Ask = (server, query, until) =>
  askStream(() => connect({ host: server.address, port: server.port, noDelay: true }), query, until);

/** Asks over any stream that is about to open; it is destroyed in the end. */
export function askStream(open: () => Socket, query: Message, until: AbortSignal): Promise<ExchangeResult> {
  return new Promise((resolve) => {
    if (until.aborted) {
      resolve({ kind: 'failed', reason: 'aborted' });
      return;
    }
    const socket = open();
    let isOpen = false;
    const finish = (result: ExchangeResult) => {
      until.removeEventListener('abort', abort);
      socket.destroy();
      resolve(result);
    };
    const abort = () => finish({ kind: 'failed', reason: 'aborted' });
    until.addEventListener('abort', abort, { once: true });
    socket.on('error', () => finish({ kind: 'failed', reason: isOpen ? 'closed' : 'unreachable' }));
    socket.on('close', () => finish({ kind: 'failed', reason: 'closed' }));
    socket.on('end', () => finish({ kind: 'failed', reason: 'closed' }));
    socket.on('connect', () => {
      isOpen = true;
      const bytes = encode(query);
      socket.write(Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]));
    });
    readMessages(socket, (bytes) => {
      const decoded = decode(bytes);
      if (decoded.kind === 'malformed') return finish({ kind: 'failed', reason: 'malformed' });
      if (!isReplyTo(query, decoded.message)) return undefined;
      // There is no larger transport to go to (D7).
      if (decoded.message.isTruncated) return finish({ kind: 'failed', reason: 'malformed' });
      return finish({ kind: 'answered', message: decoded.message, transport: 'tcp' });
    });
  });
}

function readMessages(socket: Socket, take: (bytes: Buffer) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && !socket.destroyed) {
      const end = 2 + pending.readUInt16BE(0);
      if (pending.length < end) return;
      take(pending.subarray(2, end));
      pending = pending.subarray(end);
    }
  });
}
