// Lines of the audit: when, what, who, on what, and what else is known. A support id leads to the page of its request.
import { useTranslations } from 'next-intl';
import type { AuditRecord } from '#server/store/audit.ts';
import { Cell, Row, Table } from '../../ui/table.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Time } from '../../ui/time.tsx';
import { AuditDetail } from './audit-detail.tsx';
import { useAuditWords } from './use-audit-words.ts';

const OUTCOME_KINDS = { allowed: 'ok', done: 'neutral', refused: 'warn' } as const;

export function AuditTable({ events }: { events: readonly AuditRecord[] }) {
  const t = useTranslations('audit');
  const words = useAuditWords();
  return (
    <Table label={t('title')} heads={[t('when'), t('what'), t('who'), t('on'), t('details')]}>
      {events.map((event) => (
        <Row key={event.id}>
          <Cell className="text-muted md:w-40 md:[&_time]:whitespace-normal">
            <Time at={event.at} isLong />
          </Cell>
          <Cell className="md:w-48">
            <span className="font-medium">{words.action(event.action)}</span>{' '}
            <Tag kind={event.level === 'alarm' ? 'danger' : OUTCOME_KINDS[event.outcome]}>
              {event.level === 'alarm' ? `${t('levels.alarm')}: ` : ''}
              {t(`outcomes.${event.outcome}`)}
            </Tag>
            {event.reason && <div className="text-muted">{words.reason(event.reason)}</div>}
          </Cell>
          <Cell name={t('who')} className="break-words">
            {event.actor?.email ?? (
              <span className="text-muted">{event.outcome === 'done' ? t('operator') : t('nobody')}</span>
            )}
          </Cell>
          <Cell name={t('on')}>
            {event.object && (
              <>
                {event.object.name || event.object.id}{' '}
                <span className="text-muted">{words.kind(event.object.kind)}</span>
              </>
            )}
          </Cell>
          <Cell name={t('details')} className="text-muted md:w-64">
            <AuditDetail event={event} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}
