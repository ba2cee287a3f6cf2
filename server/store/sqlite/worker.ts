// The thread that owns the database file: one statement per message, and a word when another process has committed.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, Question, ThreadData } from './protocol.ts';

const BUSY_TIMEOUT_MS = 5000;
const POLL_MS = 100;
const MAX_STATEMENTS = 256;

const { file } = workerData as ThreadData;
const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
// FULL syncs the log at every commit: what was acknowledged survives a power cut.
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;');

const dataVersion = db.prepare('PRAGMA data_version');
let seenVersion = dataVersion.get()?.data_version;
setInterval(poll, POLL_MS);

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
    const statement = prepared(sql);
    if (statement.columns().length > 0) {
      return { kind: 'rows', id, rows: statement.all(...(parameters as SQLInputValue[])), changes: 0 };
    }
    const { changes } = statement.run(...(parameters as SQLInputValue[]));
    return { kind: 'rows', id, rows: [], changes: Number(changes) };
  } catch (error) {
    const errcode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : null;
    return { kind: 'failed', id, message: error instanceof Error ? error.message : String(error), errcode };
  }
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
