// The audit as a file: every event that matches, read page by page while it is being sent. Who took it is in the audit itself.
import { csvLine } from '#server/core/csv.ts';
import { type AuditFilters, type AuditRecord, listAudit } from './audit.ts';
import type { Store } from './handle.ts';
import { type Actor, FORBIDDEN, type Forbidden } from './saved.ts';
import { write } from './write.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const ROWS_PER_READ = 500;
const HEADS = [
  ...['id', 'time_utc', 'time_local', 'time_zone', 'level', 'action', 'outcome', 'reason'],
  ...['person_id', 'person_email', 'object_kind', 'object_id', 'object_name', 'support_id', 'address', 'detail'],
];

/** `zone`: the reader's, an IANA name; times are in UTC and in it. Pieces of text, the newest event first. */
export async function exportAudit(
  store: Store,
  actor: Actor,
  { filters, format, zone }: { filters: AuditFilters; format: ExportFormat; zone: string },
): Promise<{ kind: 'exported'; pieces: AsyncGenerator<string> } | Forbidden> {
  const noted = await write(store, actor, 'audit.read', async (w) => {
    const object = { kind: 'audit', id: 'audit', name: format } as const;
    w.audit({ action: 'audit-exported', object, detail: { format, filters } });
    return { kind: 'saved' };
  });
  if (noted.kind !== 'saved') return FORBIDDEN;
  return { kind: 'exported', pieces: piecesOf(store, actor, filters, format === 'csv' ? csvOf(zone) : JSON_LINES) };
}

type Writer = { head: string; line(event: AuditRecord): string };

/** The right is looked at with each page: it ends with the session that it was given to. */
async function* piecesOf(
  store: Store,
  actor: Actor,
  filters: AuditFilters,
  { head, line }: Writer,
): AsyncGenerator<string> {
  if (head) yield head;
  let before: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listAudit>> = await listAudit(store, actor, {
      before,
      limit: ROWS_PER_READ,
      filters,
    });
    // A file that looks whole and is not would mislead: the download breaks off.
    if (page.kind !== 'listed') throw new Error('The session that exports the audit has ended.');
    if (page.rows.length > 0) yield page.rows.map(line).join('');
    before = page.next;
  } while (before !== null);
}

const JSON_LINES: Writer = {
  head: '',
  line: ({ at, ...event }) => `${JSON.stringify({ time: new Date(at).toISOString(), ...event })}\n`,
};

function csvOf(zone: string): Writer {
  const local = localTime(zone);
  return {
    head: csvLine(HEADS),
    line: ({ id, at, level, action, outcome, reason, actor, object, supportId, address, detail }) =>
      csvLine([
        ...[id, new Date(at).toISOString(), local(at), zone, level, action, outcome, reason],
        ...[actor?.userId ?? '', actor?.email ?? '', object?.kind ?? '', object?.id ?? '', object?.name ?? ''],
        ...[supportId ?? '', address ?? '', JSON.stringify(detail)],
      ]),
  };
}

/** `2026-11-28 22:21:57`, as clocks in the zone show it: what spreadsheets take for a time. */
function localTime(zone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return (at) => format.format(at);
}
