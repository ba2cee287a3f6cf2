// Ends a connection so that the last answer arrives.
import type { Duplex } from 'node:stream';

const LINGER_MS = 1_000;

/** Lets the answer arrive before the reset that unread bytes would cause (RFC 9112 §9.6), for at most a second. */
export function lingeringClose(socket: Duplex): void {
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}
