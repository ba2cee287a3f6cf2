// The streams of a connection that have something to send, in the order in which they may (RFC 9218 §10).
import type { Http2Stream } from './http2-stream.ts';

export class ReadyStreams {
  /** By urgency; in each, who became ready first. */
  readonly #lines: (Set<Http2Stream> | undefined)[] = [];

  add(stream: Http2Stream): void {
    const { urgency } = stream.priority;
    const line = this.#lines[urgency];
    if (line) line.add(stream);
    else this.#lines[urgency] = new Set([stream]);
  }

  /** Reports whether it was there. */
  delete(stream: Http2Stream): boolean {
    return this.#lines[stream.priority.urgency]?.delete(stream) ?? false;
  }

  /** The one whose turn it is; null when nobody has anything to send. */
  next(): Http2Stream | null {
    for (const line of this.#lines) {
      if (line !== undefined) for (const stream of line) return stream;
    }
    return null;
  }

  /** It has sent a frame and has more: an answer of which parts are of use lets others like it go on, another one is finished first. */
  tookTurn(stream: Http2Stream): void {
    if (!stream.priority.isIncremental) return;
    this.delete(stream);
    this.add(stream);
  }
}
