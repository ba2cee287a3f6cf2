// Who did what, to what, and what was decided: newest first.
import type { Metadata } from 'next';
import { listAudit } from '#server/store/audit.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { Cell, Row, Table } from '../../ui/table.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Time } from '../../ui/time.tsx';
import { enter, granted } from '../enter.ts';
import { AuditDetail } from './audit-detail.tsx';
import { AuditFilterForm } from './audit-filter-form.tsx';
import { type AuditParams, auditQuery } from './audit-query.ts';

export const metadata: Metadata = { title: 'Audit' };

const PAGE_SIZE = 50;
const OUTCOME_KINDS = { allowed: 'ok', done: 'neutral', refused: 'warn' } as const;

export default async function AuditPage({ searchParams }: { searchParams: Promise<AuditParams> }) {
  const { store, actor } = await enter('audit.read');
  const { filters, before } = auditQuery(await searchParams);
  const { rows, next } = granted(await listAudit(store, actor, { before, limit: PAGE_SIZE, filters }));
  return (
    <>
      <PageHead title="Audit" about="Sign-ins, refusals and every change. Lines are never altered." />
      <AuditFilterForm filters={filters} />
      {rows.length === 0 ? (
        <Empty title="Nothing found">No line matches these filters.</Empty>
      ) : (
        <Table label="Audit" heads={['When', 'What', 'Who', 'On', 'Details']}>
          {rows.map((event) => (
            <Row key={event.id}>
              <Cell className="text-muted">
                <Time at={event.at} isLong />
              </Cell>
              <Cell>
                <span className="font-medium">{event.action}</span>{' '}
                <Tag kind={event.level === 'alarm' ? 'danger' : OUTCOME_KINDS[event.outcome]}>
                  {event.level === 'alarm' ? `alarm: ${event.outcome}` : event.outcome}
                </Tag>
                {event.reason && <div className="text-muted">{event.reason}</div>}
              </Cell>
              <Cell name="Who">
                {event.actor?.email ?? (
                  <span className="text-muted">{event.outcome === 'done' ? 'the operator' : 'not signed in'}</span>
                )}
              </Cell>
              <Cell name="On">
                {event.object ? (
                  <>
                    {event.object.name || event.object.id} <span className="text-muted">{event.object.kind}</span>
                  </>
                ) : null}
              </Cell>
              <Cell name="Details" className="text-muted">
                <AuditDetail event={event} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {next && (
        <nav aria-label="Pages" className="mt-4">
          <a className="button" href={`?${new URLSearchParams({ ...filters, before: next })}`}>
            Older
          </a>
        </nav>
      )}
    </>
  );
}
