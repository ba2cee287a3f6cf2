// The audit page's address as filters, and filters as an address; what is no filter is ignored.
import type { AuditFilters } from '#server/store/audit.ts';
import { momentOf } from '../../i18n/zoned-time.ts';

export type AuditParams = Record<string, string | string[] | undefined>;

const MAX_LENGTH = 200;
const TEXTS = ['action', 'person', 'object', 'reason', 'address', 'supportId', 'userId', 'objectId'] as const;
const LEVELS = ['info', 'alarm'] as const;
const OUTCOMES = ['allowed', 'refused', 'done'] as const;

/** `zone`: in which the times of the address are meant, which is the reader's own. */
export function auditQuery(params: AuditParams, zone: string): { filters: AuditFilters; before: string | null } {
  const text = (name: string) => {
    const value = params[name];
    return typeof value === 'string' && value.trim() ? value.trim().slice(0, MAX_LENGTH) : undefined;
  };
  const filters: AuditFilters = {};
  for (const name of TEXTS) {
    const value = text(name);
    if (value) filters[name] = value;
  }
  const level = LEVELS.find((each) => each === text('level'));
  const outcome = OUTCOMES.find((each) => each === text('outcome'));
  if (level) filters.level = level;
  if (outcome) filters.outcome = outcome;
  for (const name of ['from', 'to'] as const) {
    const moment = momentIn(text(name), zone);
    if (moment !== null) filters[name] = moment;
  }
  return { filters, before: text('before') ?? null };
}

/** Times are said in UTC, so that an address means the same to a colleague elsewhere. */
export function auditAddress(filters: AuditFilters, more: Record<string, string> = {}): string {
  const pairs = Object.entries(filters).map(([name, value]): [string, string] => [
    name,
    typeof value === 'number' ? new Date(value).toISOString() : value,
  ]);
  return new URLSearchParams([...pairs, ...Object.entries(more)]).toString();
}

/** A form sends `2026-11-28T22:21`, on the reader's clock; an address of ours `2026-11-28T21:21:00.000Z`. */
function momentIn(text: string | undefined, zone: string): number | null {
  if (text === undefined) return null;
  if (!text.endsWith('Z')) return momentOf(text, zone);
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? null : moment;
}
