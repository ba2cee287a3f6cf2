// Locks a file as SQLite locks databases: the operating system drops the lock with the process, however that ends.
import { DatabaseSync } from 'node:sqlite';

/** Returns the way to unlock, or null while another process holds the lock. */
export function lockExclusively(file: string): (() => void) | null {
  const db = new DatabaseSync(file);
  try {
    // In this mode the lock of the first transaction is kept after it, until the connection closes.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;');
    held.add(db);
    return () => {
      held.delete(db);
      db.close();
    };
  } catch (error) {
    db.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null;
    throw error;
  }
}

/** A connection that nobody refers to is collected, and its lock with it. */
const held = new Set<DatabaseSync>();

const SQLITE_BUSY = 5;
