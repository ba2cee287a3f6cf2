// One worker thread with the database open: asks it questions, and knows when it is no longer to be trusted.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { asFault, Fault } from '#server/core/fault.ts';
import type { Answer, Question, RowsAnswer, ThreadData } from './protocol.ts';

type Pending = { resolve(answer: RowsAnswer): void; reject(error: Error): void };

export class SqliteThread {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #failure: Error | null = null;

  constructor(file: string, onHint: () => void) {
    // A packed installation has the worker as .js beside this file, a work tree as .ts.
    const script = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url);
    this.#worker = new Worker(script, { workerData: { file } satisfies ThreadData });
    this.#worker.on('message', (answer: Answer) => {
      if (answer.kind === 'hint') onHint();
      else this.#settle(answer);
    });
    this.#worker.on('error', (error) => this.#fail(asFault(error)));
    this.#worker.on('exit', () => this.#fail(new Error('The database thread has ended.')));
  }

  /** Why this thread must not be used again, or null while it works. */
  get failure(): Error | null {
    return this.#failure;
  }

  ask(sql: string, parameters: readonly unknown[], inTransaction: boolean): Promise<RowsAnswer> {
    if (this.#failure) return Promise.reject(storeDown(this.#failure));
    return new Promise((resolve, reject) => {
      const question: Question = { id: ++this.#lastId, sql, parameters, inTransaction };
      this.#pending.set(question.id, { resolve, reject });
      try {
        this.#worker.postMessage(question);
      } catch (error) {
        this.#pending.delete(question.id);
        reject(error);
      }
    });
  }

  async end(): Promise<void> {
    this.#fail(new Error('The store is closed.'));
    await this.#worker.terminate();
  }

  #settle(answer: Exclude<Answer, { kind: 'hint' }>): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (answer.kind === 'rows') return pending?.resolve(answer);
    const primary = answer.errcode === null ? null : answer.errcode & 0xff;
    const error = new Error(answer.errcode === null ? answer.message : `SQLite ${answer.errcode}: ${answer.message}`);
    if (primary !== null && UNUSABLE.has(primary)) this.#failure ??= error;
    pending?.reject(primary === null || UNAVAILABLE.has(primary) ? storeDown(error) : error);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const pending of this.#pending.values()) pending.reject(storeDown(error));
    this.#pending.clear();
  }
}

function storeDown(cause: Error): Fault {
  return new Fault('store-down', { detail: cause.message, cause });
}

/** Primary result codes after which the file is opened anew: READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB (https://sqlite.org/rescode.html). */
const UNUSABLE: ReadonlySet<number> = new Set([8, 10, 11, 14, 26]);
/** Those, and the ones that pass by themselves: BUSY, LOCKED, NOMEM, FULL, PROTOCOL. The rest are mistakes of ours. */
const UNAVAILABLE: ReadonlySet<number> = new Set([...UNUSABLE, 5, 6, 7, 13, 15]);
