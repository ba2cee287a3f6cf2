// The thread that owns the database file: one statement per message, and a word when another process has committed.
import { statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, Question, ThreadData } from './protocol.ts';

const BUSY_TIMEOUT_MS = 5000;
/** While another process keeps the lock, each write waits for it this long only: reads stand behind it in the line. */
const BUSY_AGAIN_TIMEOUT_MS = 100;
const POLL_MS = 100;
const MAX_STATEMENTS = 256;
/** SQLITE_BUSY, and SQLITE_READONLY_DBMOVED (https://sqlite.org/rescode.html). */
const BUSY = 5;
const MOVED = 1032;

const { file } = workerData as ThreadData;
const url = pathToFileURL(file);
// A file that is gone is not made anew: an empty store would be taken for the whole one.
url.searchParams.set('mode', 'rw');
const db = new DatabaseSync(url, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
// FULL syncs the log at every commit: what was acknowledged survives a power cut.
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;');

const dataVersion = db.prepare('PRAGMA data_version');
let seenVersion = dataVersion.get()?.data_version;
setInterval(poll, POLL_MS);
const opened = statSync(file);
let isBusy = false;

parentPort?.on('message', (question: Question) => {
  parentPort?.postMessage(answer(question));
});

function answer({ id, sql, parameters, inTransaction }: Question): Answer {
  try {
    if (inTransaction && !db.isTransaction) {
      // SQLite has rolled back by itself (a full disk, an I/O error); nothing may slip out as a statement of its own.
      if (sql === 'rollback') return { kind: 'rows', id, rows: [], changes: 0 };
      return { kind: 'failed', id, message: 'The transaction was rolled back by the database.', errcode: null };
    }
    // What is written to a file that has lost its name is lost with it.
    if ((!db.isTransaction || sql === 'commit') && isMoved()) {
      return { kind: 'failed', id, message: 'The database file was moved, removed or replaced.', errcode: MOVED };
    }
    const statement = prepared(sql);
    if (statement.columns().length > 0) {
      return { kind: 'rows', id, rows: rowsOf(statement, sql, parameters as SQLInputValue[]), changes: 0 };
    }
    const { changes } = statement.run(...(parameters as SQLInputValue[]));
    if (isBusy) setBusy(false);
    return { kind: 'rows', id, rows: [], changes: Number(changes) };
  } catch (error) {
    const errcode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : null;
    if (errcode !== null && (errcode & 0xff) === BUSY) setBusy(true);
    return { kind: 'failed', id, message: error instanceof Error ? error.message : String(error), errcode };
  }
}

/** A damaged number that no JavaScript one can hold is read as the nearest: its row is refused by who reads it, and no other. */
function rowsOf(statement: StatementSync, sql: string, parameters: SQLInputValue[]): unknown[] {
  try {
    return statement.all(...parameters);
  } catch (error) {
    // Only what changes nothing may be asked twice.
    if (!isTooLarge(error) || !/^select\b/i.test(sql)) throw error;
    statement.setReadBigInts(true);
    const rows = statement.all(...parameters);
    statement.setReadBigInts(false);
    for (const row of rows)
      for (const [name, value] of Object.entries(row)) if (typeof value === 'bigint') row[name] = Number(value);
    return rows;
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_OUT_OF_RANGE';
}

function isMoved(): boolean {
  const now = statSync(file, { throwIfNoEntry: false });
  return now?.ino !== opened.ino || now.dev !== opened.dev;
}

function setBusy(busy: boolean): void {
  if (busy === isBusy) return;
  isBusy = busy;
  db.exec(`PRAGMA busy_timeout = ${busy ? BUSY_AGAIN_TIMEOUT_MS : BUSY_TIMEOUT_MS}`);
}

const statements = new Map<string, StatementSync>();

/** Statements are kept by their text, the least recently used one goes first. */
function prepared(sql: string): StatementSync {
  const statement = statements.get(sql) ?? db.prepare(sql);
  statements.delete(sql);
  statements.set(sql, statement);
  if (statements.size > MAX_STATEMENTS) {
    for (const oldest of statements.keys()) {
      statements.delete(oldest);
      break;
    }
  }
  return statement;
}

function poll(): void {
  // data_version changes with other connections' commits only (https://sqlite.org/pragma.html#pragma_data_version).
  const version = dataVersion.get()?.data_version;
  if (version === seenVersion) return;
  seenVersion = version;
  parentPort?.postMessage({ kind: 'hint' } satisfies Answer);
}
