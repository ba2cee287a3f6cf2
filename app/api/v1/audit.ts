// The audit and the dashboard's numbers by the API.

import { z } from 'zod';
import { RANGES } from '#server/core/plot-range.ts';
import { type AuditFilters, listAudit } from '#server/store/audit.ts';
import { EXPORT_FORMATS, type ExportFormat, exportAudit } from '#server/store/audit-export.ts';
import { readDashboard } from '#server/store/dashboard.ts';
import { zoneOr } from '../../i18n/zone.ts';
import { refusal } from './reply.ts';
import { listQuery, nextAddress } from './resource.ts';
import type { Route } from './route-table.ts';

const text = (about: string) => z.string().max(200).optional().describe(about);
const moment = (about: string) => z.coerce.number().int().min(0).optional().describe(about);

const filters = z.strictObject({
  action: text('Such as `app-saved` or `sign-in`.'),
  person: text('Text in the e-mail of who did it.'),
  userId: text('Who did it.'),
  object: text('Text in the name of what it was done to.'),
  objectId: text('What it was done to.'),
  reason: text('Such as `not-permitted`.'),
  address: text('Where it came from.'),
  supportId: text('Of one request, as error pages and answers name it.'),
  level: z.enum(['info', 'alarm']).optional(),
  outcome: z.enum(['allowed', 'refused', 'done']).optional(),
  from: moment('Not before this moment, in milliseconds since 1970.'),
  to: moment('Before this moment.'),
});

const auditQuery = filters.extend({
  limit: listQuery.shape.limit,
  before: text('Events before this id; follow `next` rather than write it.'),
});

const exportQuery = filters.extend({
  format: z.enum(EXPORT_FORMATS),
  zone: z
    .string()
    .refine((name) => zoneOr(name, '') !== '', 'This is no time zone. Write one such as Europe/Berlin.')
    .default('UTC')
    .describe('Of the local times in the CSV file.'),
});

const TYPES: Record<ExportFormat, string> = { csv: 'text/csv', jsonl: 'application/jsonl' };

export const AUDIT: readonly Route[] = [
  {
    ...{ method: 'GET', path: '/audit', needs: ['audit.read'], tag: 'Audit', summary: 'Read the audit' },
    description: 'The newest first. Filters that are given have to match all.',
    query: auditQuery,
    answers: { status: 200, schema: 'AuditList' },
    run: async ({ context, actor, query }) => {
      const { limit, before, ...given } = query as AuditFilters & { limit: number; before?: string };
      const found = await listAudit(context.store, actor, { limit, before, filters: given });
      if (found.kind !== 'listed') return refusal(found);
      const next = found.next === null ? null : nextAddress('/audit', { ...query, before: found.next });
      return { kind: 'done', status: 200, body: { items: found.rows, next }, next };
    },
  },
  {
    ...{ method: 'GET', path: '/audit/export', needs: ['audit.read'], tag: 'Audit', summary: 'Export the audit' },
    description:
      'Every event that matches, as CSV or as one JSON object a line. That it was taken is in the audit itself.',
    query: exportQuery,
    answers: { status: 200, types: Object.values(TYPES) },
    run: async ({ context, actor, query }) => {
      const { format, zone, ...given } = query as AuditFilters & { format: ExportFormat; zone: string };
      const exported = await exportAudit(context.store, actor, { filters: given, format, zone });
      if (exported.kind !== 'exported') return refusal(exported);
      return { kind: 'file', pieces: exported.pieces, type: TYPES[format], name: `audit.${format}` };
    },
  },
  {
    ...{
      method: 'GET',
      path: '/dashboard',
      needs: ['audit.read'],
      tag: 'Audit',
      summary: 'Read the dashboard’s numbers',
    },
    description: 'Lists have a value for each of `steps`; null where nothing was measured. Latencies in milliseconds.',
    query: z.strictObject({ range: z.enum(RANGES).default('day') }),
    answers: { status: 200, schema: 'Dashboard' },
    run: async ({ context, actor, query }) => {
      const read = await readDashboard(context.store, actor, query.range as (typeof RANGES)[number]);
      if (read.kind !== 'read') return refusal(read);
      const { kind: _, ...numbers } = read;
      return { kind: 'done', status: 200, body: numbers };
    },
  },
];
