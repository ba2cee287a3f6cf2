// What a socket reported while an upstream was asked, as a fault: which sentence a person reads and which status a program gets.
import { Fault, isFault } from '#server/core/fault.ts';

const CLOSED = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']);

export function upstreamFault(error: Error): Fault {
  if (isFault(error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const options = { detail: `${code} ${error.message}`.trim(), cause: error };
  return new Fault(CLOSED.has(code) ? 'upstream-closed' : 'upstream-protocol', options);
}
