// Writes log lines to a descriptor, many in one write. One that takes none (a full disk, a slow reader) costs lines, never the process.
import { closeSync, constants, fstatSync, openSync, write, writeSync } from 'node:fs';

/** Called once when lines cannot be written, and once when they can again; `lost` counts the writes that were given up. */
export type LogFileOptions = { onProblem(error: Error): void; onRecovered(lost: number): void };

const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/**
 * Several processes share a pipe or the journal's socket. A write of this size is whole or not at all there: PIPE_BUF on Linux
 * (pipe(7)); no line may be longer.
 */
export const SHARED_BYTES = 4_096;
/** A regular file takes every write as one, since the kernel locks the file meanwhile. */
const FILE_BYTES = 64 * 1024;
/** A pipe whose reader is slow is soon empty again; a disk is full for longer. */
const BUSY_RETRY_MS = 20;
const RETRY_MS = 1_000;
/** A process that exits waits this long for a slow reader to take its last words. */
const LAST_WORDS_MS = 1_000;

export type OpenedLog = { kind: 'opened'; fd: number } | { kind: 'refused'; sentence: string };

/** Lines are added at the end, whoever else writes there. */
export function openLog(path: string): OpenedLog {
  const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
  try {
    // A named pipe that nobody reads would be waited for.
    return { kind: 'opened', fd: openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : String(error);
    return { kind: 'refused', sentence: `The log file ${path} cannot be opened (${code}).` };
  }
}

/** Returns a sentence when lines could not be written there. */
export function tryLog(path: string): string | null {
  const opened = openLog(path);
  if (opened.kind === 'refused') return opened.sentence;
  closeSync(opened.fd);
  return null;
}

export class LogFile {
  #fd: number;
  /** What one write takes of whole lines without another process's bytes in between. */
  blockBytes: number;
  /** Takes the place of the present one when the write under way is over. */
  #newFd: number | null = null;
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
    this.blockBytes = blockBytesOf(fd);
    this.#options = options;
    process.once('exit', () => this.#writeLastWords());
  }

  /** Goes on with another descriptor and closes the present one. Nothing that waits is lost. */
  use(fd: number): void {
    if (this.#newFd !== null) closeSync(this.#newFd);
    this.#newFd = fd;
    this.#isClosed = false;
    if (this.#current === null || this.#retry !== null) this.#change();
  }

  /** `lines` are whole, at most `blockBytes` together, and kept until they are written. */
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

  #change(): void {
    if (this.#newFd === null) return;
    closeSync(this.#fd);
    this.#fd = this.#newFd;
    this.#newFd = null;
    this.blockBytes = blockBytesOf(this.#fd);
  }

  /** Whole pieces, up to what one write takes. */
  #take(): Buffer | null {
    if (this.#waiting.length === 0) return null;
    let bytes = 0;
    let count = 0;
    for (const piece of this.#waiting) {
      if (count > 0 && bytes + piece.length > this.blockBytes) break;
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
    this.#change();
    if (error) this.#failed(error);
    else this.#wrote(written);
  };

  #wrote(written: number): void {
    const bytes = this.#current;
    if (bytes === null) return;
    if (written < bytes.length) {
      this.#current = restOf(bytes, written);
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
    let block = this.#retry === null ? this.#take() : this.#current;
    const until = performance.now() + LAST_WORDS_MS;
    while (block !== null) {
      try {
        const written = writeSync(this.#fd, block);
        block = written < block.length ? restOf(block, written) : this.#take();
      } catch (error) {
        if (!isBusyError(error) || performance.now() > until) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_RETRY_MS);
      }
    }
  }
}

function blockBytesOf(fd: number): number {
  return fstatSync(fd).isFile() ? FILE_BYTES : SHARED_BYTES;
}

const NEWLINE = Buffer.from('\n');

/** On a disk that gets full half a line may be written, and others may write before there is room: it is written again, as a line of its own. */
function restOf(block: Buffer, written: number): Buffer {
  const begin = written === 0 ? 0 : block.lastIndexOf(NEWLINE, written - 1) + 1;
  return begin === written ? block.subarray(written) : Buffer.concat([NEWLINE, block.subarray(begin)]);
}

function isBusyError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBUSY');
}
