// Folds text for search and comparison: case, accents and compatibility forms make no difference.
import { type Expression, type SqlBool, sql } from 'kysely';

export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().normalize('NFC');
}

/** Reports whether a folded column contains the text as it is typed; `%` and `_` stand for themselves. */
export function contains(column: Expression<string | null>, text: string): Expression<SqlBool> {
  const pattern = `%${fold(text).replace(/[\\%_]/g, '\\$&')}%`;
  return sql<SqlBool>`${column} like ${pattern} escape '\\'`;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

/** The bounds of a page of a list, whatever was asked for. */
export function pageOf(query: { offset?: number; limit?: number }): { offset: number; limit: number } {
  return {
    offset: whole(query.offset ?? 0, 0, Number.MAX_SAFE_INTEGER),
    limit: whole(query.limit ?? DEFAULT_LIMIT, 1, MAX_LIMIT),
  };
}

function whole(value: number, least: number, most: number): number {
  return Number.isFinite(value) ? Math.min(most, Math.max(least, Math.trunc(value))) : least;
}
