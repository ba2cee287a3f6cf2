// What passes between the driver and the thread that owns the database file.

export type ThreadData = { file: string };

export type Question = { id: number; sql: string; parameters: readonly unknown[]; inTransaction: boolean };

export type Answer =
  | { kind: 'rows'; id: number; rows: unknown[]; changes: number }
  /** `errcode` is SQLite's extended result code; null when SQLite gave none. */
  | { kind: 'failed'; id: number; message: string; errcode: number | null }
  /** Another process has committed something. */
  | { kind: 'hint' };

export type RowsAnswer = Extract<Answer, { kind: 'rows' }>;
