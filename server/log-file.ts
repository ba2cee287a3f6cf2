// Writes log lines to a descriptor, many in one write. One that takes none (a full disk, a slow reader) costs lines, never the process.
import { write, writeSync } from 'node:fs';

/** Called once when lines cannot be written, and once when they can again; `lost` counts the writes that were given up. */
export type LogFileOptions = { onProblem(error: Error): void; onRecovered(lost: number): void };

const MAX_WAITING_BYTES = 8 * 1024 * 1024;
const MAX_WRITE_BYTES = 64 * 1024;
/** A pipe whose reader is slow is soon empty again; a disk is full for longer. */
const BUSY_RETRY_MS = 20;
const RETRY_MS = 1_000;
/** A process that exits waits this long for a slow reader to take its last words. */
const LAST_WORDS_MS = 1_000;

export class LogFile {
  readonly #fd: number;
  readonly #options: LogFileOptions;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** What is being written, or has to be tried again. */
  #current: Buffer | null = null;
  #retry: NodeJS.Timeout | null = null;
  #isFailing = false;
  #isClosed = false;
  #lost = 0;

  constructor(fd: number, options: LogFileOptions) {
    this.#fd = fd;
    this.#options = options;
    process.once('exit', () => this.#writeLastWords());
  }

  /** `lines` is kept until it is written. */
  write(lines: Buffer): void {
    if (this.#isClosed) return;
    if (this.#waitingBytes + lines.length > MAX_WAITING_BYTES) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(lines);
    this.#waitingBytes += lines.length;
    if (this.#current === null) this.#writeNext();
  }

  #writeNext(): void {
    this.#current = this.#take();
    if (this.#current !== null) this.#writeCurrent();
  }

  /** Whole pieces, up to what one write takes. */
  #take(): Buffer | null {
    if (this.#waiting.length === 0) return null;
    let bytes = 0;
    let count = 0;
    for (const piece of this.#waiting) {
      if (count > 0 && bytes + piece.length > MAX_WRITE_BYTES) break;
      bytes += piece.length;
      count += 1;
    }
    const pieces = this.#waiting.splice(0, count);
    this.#waitingBytes -= bytes;
    return pieces.length === 1 ? (pieces[0] ?? null) : Buffer.concat(pieces, bytes);
  }

  #writeCurrent(): void {
    this.#retry = null;
    const bytes = this.#current;
    if (bytes !== null) write(this.#fd, bytes, 0, bytes.length, null, this.#onWritten);
  }

  #onWritten = (error: NodeJS.ErrnoException | null, written: number): void => {
    if (error) this.#failed(error);
    else this.#wrote(written);
  };

  #wrote(written: number): void {
    const bytes = this.#current;
    if (bytes === null) return;
    if (written < bytes.length) {
      this.#current = bytes.subarray(written);
      this.#writeCurrent();
      return;
    }
    if (this.#isFailing) {
      this.#isFailing = false;
      this.#options.onRecovered(this.#lost);
      this.#lost = 0;
    }
    this.#writeNext();
  }

  #failed(error: NodeJS.ErrnoException): void {
    // Whoever read the lines is gone; nobody will.
    if (error.code === 'EPIPE') {
      this.#isClosed = true;
      this.#current = null;
      this.#waiting = [];
      return;
    }
    const isBusy = isBusyError(error);
    if (!isBusy && !this.#isFailing) {
      this.#isFailing = true;
      this.#options.onProblem(error);
    }
    this.#retry = setTimeout(() => this.#writeCurrent(), isBusy ? BUSY_RETRY_MS : RETRY_MS);
    this.#retry.unref();
  }

  /** What is being written by now is written all the same; what waits is written here, as far as the descriptor takes it. */
  #writeLastWords(): void {
    const begun = this.#retry === null ? null : this.#current;
    const last = Buffer.concat(begun === null ? this.#waiting : [begun, ...this.#waiting]);
    const until = performance.now() + LAST_WORDS_MS;
    for (let at = 0; at < last.length; ) {
      try {
        at += writeSync(this.#fd, last, at);
      } catch (error) {
        if (!isBusyError(error) || performance.now() > until) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_RETRY_MS);
      }
    }
  }
}

function isBusyError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBUSY');
}
