// Ends an HTTP/2 connection that asks for nothing, whatever frames keep it busy, and gives up answers that nobody takes.
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Limits } from './limits.ts';

/**
 * One timer for a connection, none for a stream. PING frames, or a head that drips in byte by byte, are no request: a
 * connection without one for `keepAliveMs` (at most twice that) is closed.
 */
export function watchIdle(session: ServerHttp2Session, limits: Limits): { opened(stream: ServerHttp2Stream): void } {
  const open = new Set<ServerHttp2Stream>();
  const untaken = new WeakMap<ServerHttp2Stream, number>();
  let isBusy = true;
  const looking = setInterval(() => {
    if (open.size === 0 && !isBusy) session.close();
    isBusy = open.size > 0;
    for (const stream of open) {
      if (!stream.writableEnded) continue;
      if (untaken.get(stream) === stream.writableLength) stream.close(constants.NGHTTP2_CANCEL);
      else untaken.set(stream, stream.writableLength);
    }
  }, limits.keepAliveMs);
  looking.unref();
  session.once('close', () => clearInterval(looking));
  return {
    opened: (stream) => {
      isBusy = true;
      open.add(stream);
      stream.once('close', () => open.delete(stream));
    },
  };
}
