// Reads on behind a write that failed: an upstream that answers early and closes refuses our body, and its answer lies in the kernel still.
import type { Duplex } from 'node:stream';

type Done = (error?: Error | null) => void;

/** What writing says once the far end is gone. Reading gives what came before that, and then the end. */
const LOST = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Node destroys a socket as soon as a write fails. From here on `onLost` is asked first: with true, the stream is left to be read
 * to its end, and what is written to it runs into the void.
 */
export function readOn(stream: Duplex, onLost: (code: string) => boolean): void {
  const { _write: write, _writev: writev } = stream;
  let isLost = false;
  /** Of the one write that is on its way: a stream has no second one. */
  let done: Done = () => {};
  const written: Done = (error) => {
    const code = (error as NodeJS.ErrnoException | null | undefined)?.code;
    if (code !== undefined && LOST.has(code)) isLost = onLost(code);
    done(isLost ? null : error);
  };
  stream._write = (chunk, encoding, callback) => {
    if (isLost) return callback();
    done = callback;
    write.call(stream, chunk, encoding, written);
  };
  if (!writev) return;
  stream._writev = (chunks, callback) => {
    if (isLost) return callback();
    done = callback;
    writev.call(stream, chunks, written);
  };
}
