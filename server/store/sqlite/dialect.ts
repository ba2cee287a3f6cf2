// Kysely over node:sqlite in a worker thread: one connection, taken in turns, opened anew after it failed.
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from 'kysely';
import { Fault } from '#server/core/fault.ts';
import { SqliteThread } from './thread.ts';

export type SqliteConfig = {
  file: string;
  /** Called after a commit of this or another process: there may be something new. */
  onHint(): void;
  /** A thread that failed is not replaced sooner, so that a broken disk costs no thread per request. */
  reopenAfterMs?: number;
};

export function sqliteDialect(config: SqliteConfig): Dialect {
  return {
    createDriver: () => new SqliteThreadDriver(config),
    createAdapter: () => new TransactionalDdlAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

/** SQLite's DDL is transactional: a migration that fails leaves nothing behind. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

const REOPEN_AFTER_MS = 500;

class SqliteThreadDriver implements Driver {
  readonly #config: SqliteConfig;
  #thread: SqliteThread | null = null;
  #openedAt = Number.NEGATIVE_INFINITY;
  /** Settles when the connection is free: whoever takes it puts their own promise behind. */
  #turn: Promise<void> = Promise.resolve();

  constructor(config: SqliteConfig) {
    this.#config = config;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<ThreadConnection> {
    const { promise, resolve: endTurn } = Promise.withResolvers<void>();
    const before = this.#turn;
    this.#turn = promise;
    await before;
    try {
      return new ThreadConnection(this.#usableThread(), endTurn);
    } catch (error) {
      endTurn();
      throw error;
    }
  }

  async beginTransaction(connection: ThreadConnection, { accessMode }: TransactionSettings): Promise<void> {
    // A write transaction that begins as a read one can fail in its middle; this one waits at its beginning.
    await connection.ask(accessMode === 'read only' ? 'begin' : 'begin immediate');
    connection.inTransaction = true;
  }

  async commitTransaction(connection: ThreadConnection): Promise<void> {
    await connection.ask('commit');
    connection.inTransaction = false;
    this.#config.onHint();
  }

  async rollbackTransaction(connection: ThreadConnection): Promise<void> {
    await connection.ask('rollback');
    connection.inTransaction = false;
  }

  async releaseConnection(connection: ThreadConnection): Promise<void> {
    connection.endTurn();
  }

  async destroy(): Promise<void> {
    await this.#turn;
    await this.#thread?.end();
  }

  #usableThread(): SqliteThread {
    if (this.#thread && !this.#thread.failure) return this.#thread;
    const sinceMs = performance.now() - this.#openedAt;
    if (this.#thread?.failure && sinceMs < (this.#config.reopenAfterMs ?? REOPEN_AFTER_MS)) {
      throw new Fault('store-down', { detail: this.#thread.failure.message, cause: this.#thread.failure });
    }
    void this.#thread?.end();
    this.#openedAt = performance.now();
    this.#thread = new SqliteThread(this.#config.file, this.#config.onHint);
    return this.#thread;
  }
}

/** One turn with the thread. It never moves to another thread, so a transaction cannot go on without its beginning. */
class ThreadConnection implements DatabaseConnection {
  readonly #thread: SqliteThread;
  readonly endTurn: () => void;
  inTransaction = false;

  constructor(thread: SqliteThread, endTurn: () => void) {
    this.#thread = thread;
    this.endTurn = endTurn;
  }

  ask(sql: string): Promise<unknown> {
    return this.#thread.ask(sql, [], this.inTransaction);
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows, changes } = await this.#thread.ask(sql, parameters, this.inTransaction);
    return { rows: rows as Row[], numAffectedRows: BigInt(changes) };
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator, and the store reads whole pages.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('This store does not stream queries.');
  }
}
