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
import { asFault, Fault } from '#server/core/fault.ts';
import type { RowsAnswer } from './protocol.ts';
import { SqliteThread } from './thread.ts';

export type SqliteConfig = {
  /** It has to be there: an empty one becomes a new database. */
  file: string;
  /** Called after a commit of this or another process: there may be something new. */
  onHint(): void;
  /** Awaited when a write transaction is durable and before anybody hears so. Never rejects. */
  committed?(ask: (sql: string) => Promise<RowsAnswer>): Promise<void>;
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
  #reopenAfterMs = 0;
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
    return new ThreadConnection(this.#threadOfNow(), endTurn);
  }

  async beginTransaction(connection: ThreadConnection, { accessMode }: TransactionSettings): Promise<void> {
    // A write transaction that begins as a read one can fail in its middle; this one waits at its beginning.
    connection.isReading = accessMode === 'read only';
    await connection.ask(connection.isReading ? 'begin' : 'begin immediate');
    connection.inTransaction = true;
  }

  async commitTransaction(connection: ThreadConnection): Promise<void> {
    await connection.ask('commit');
    connection.inTransaction = false;
    if (connection.isReading) return;
    await this.#config.committed?.((sql) => connection.ask(sql));
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

  /** Never throws: Kysely keeps its own turn for ever when no connection can be had, so one that refuses everything is given. */
  #threadOfNow(): Asked {
    if (this.#thread && !this.#thread.failure) return this.#thread;
    if (this.#thread && performance.now() - this.#openedAt < this.#reopenAfterMs) return this.#thread;
    void this.#thread?.end();
    this.#openedAt = performance.now();
    // Processes that lost the file at one moment do not all come back at one moment.
    this.#reopenAfterMs = (this.#config.reopenAfterMs ?? REOPEN_AFTER_MS) * (1 + Math.random());
    try {
      this.#thread = new SqliteThread(this.#config.file, this.#config.onHint);
      return this.#thread;
    } catch (cause) {
      this.#thread = null;
      return { ask: () => Promise.reject(new Fault('store-down', { detail: asFault(cause).message, cause })) };
    }
  }
}

type Asked = Pick<SqliteThread, 'ask'>;

/** One turn with the thread. It never moves to another thread, so a transaction cannot go on without its beginning. */
class ThreadConnection implements DatabaseConnection {
  readonly #thread: Asked;
  readonly endTurn: () => void;
  inTransaction = false;
  isReading = false;

  constructor(thread: Asked, endTurn: () => void) {
    this.#thread = thread;
    this.endTurn = endTurn;
  }

  ask(sql: string): Promise<RowsAnswer> {
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
