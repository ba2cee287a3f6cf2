// One TCP or TLS client of a DNS server: queries may be pipelined and are answered as each is ready (RFC 7766 §6.2.1.1).
import type { Socket } from 'node:net';
import type { Answerer, Client } from './answerer.ts';
import { framed } from './frame.ts';

const MIN_QUERY_OCTETS = 12;
/** A query is a name and a few options; who sends more wants something else. */
export const MAX_QUERY_OCTETS = 4096;
/** Who asks faster than is answered waits, so that a client's questions cannot pile up here. */
const MAX_OPEN = 100;

/** `hold`: 0 takes a query of this client, otherwise it waits so many ms. */
type ServeOptions = { answer: Answerer; hold: (client: Client) => number; client: Client; idleTimeoutMs: number };

/**
 * The time runs from one complete query to the next, so that dribbling bytes gains nothing; it stands still while we owe an answer.
 * Who asks faster than one client may is read more slowly: TCP tells it so, and nothing is lost or refused.
 */
export function serveConnection(socket: Socket, { answer, hold, client, idleTimeoutMs }: ServeOptions): void {
  let pending: Buffer = Buffer.alloc(0);
  let open = 0;
  let hasEnded = false;
  let held: NodeJS.Timeout | null = null;
  const deadline = setTimeout(() => {
    if (open === 0 && held === null) socket.destroy();
    else deadline.refresh();
  }, idleTimeoutMs);

  const deliver = (reply: Buffer | null) => {
    open--;
    if (socket.destroyed) return;
    if (reply !== null) socket.write(framed(reply));
    advance();
  };

  const goOn = () => {
    held = null;
    deadline.refresh();
    advance();
  };

  const advance = () => {
    if (held !== null) return;
    while (pending.length >= 2 && open < MAX_OPEN && !socket.destroyed && !socket.writableNeedDrain) {
      const length = pending.readUInt16BE(0);
      if (length < MIN_QUERY_OCTETS || length > MAX_QUERY_OCTETS) {
        socket.destroy();
        return;
      }
      if (pending.length < 2 + length) break;
      const holdMs = hold(client);
      if (holdMs > 0) {
        held = setTimeout(goOn, holdMs);
        break;
      }
      const query = pending.subarray(2, 2 + length);
      pending = pending.subarray(2 + length);
      deadline.refresh();
      open++;
      const reply = answer(query, client);
      if (reply instanceof Promise) void reply.then(deliver);
      else {
        open--;
        if (reply !== null) socket.write(framed(reply));
      }
    }
    // No whole query is left then: it would have been taken, held, or waits for room.
    if (hasEnded && open === 0 && held === null && !socket.writableNeedDrain) socket.end();
    if (held !== null || open >= MAX_OPEN || socket.writableNeedDrain) socket.pause();
    else socket.resume();
  };

  socket.on('close', () => {
    clearTimeout(deadline);
    if (held !== null) clearTimeout(held);
  });
  socket.on('error', () => {});
  socket.on('end', () => {
    hasEnded = true;
    advance();
  });
  socket.on('drain', advance);
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    advance();
  });
}
