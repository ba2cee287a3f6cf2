// The audit page's address as filters; what is no filter is ignored.
import type { AuditFilters } from '#server/store/audit.ts';

export type AuditParams = Record<string, string | string[] | undefined>;

const MAX_LENGTH = 200;

export function auditQuery(params: AuditParams): { filters: AuditFilters; before: string | null } {
  const text = (name: string) => {
    const value = params[name];
    return typeof value === 'string' && value.trim() ? value.trim().slice(0, MAX_LENGTH) : undefined;
  };
  const [level, outcome] = [text('level'), text('outcome')];
  const filters: AuditFilters = {};
  for (const name of ['action', 'person', 'supportId'] as const) {
    const value = text(name);
    if (value) filters[name] = value;
  }
  if (level === 'info' || level === 'alarm') filters.level = level;
  if (outcome === 'allowed' || outcome === 'refused' || outcome === 'done') filters.outcome = outcome;
  return { filters, before: text('before') ?? null };
}
