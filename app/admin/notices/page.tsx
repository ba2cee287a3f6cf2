// Notices, and the terms of use: what people read before they open an app.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { listNotices, type NoticeRecord } from '#server/store/notices.ts';
import { getTerms } from '#server/store/terms.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { Cell, Row, Table } from '../../ui/table.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Time } from '../../ui/time.tsx';
import { enter, granted } from '../enter.ts';
import { TermsForm } from './terms-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('notices'))('title') };
}

export default async function NoticesPage() {
  const { store, actor, can } = await enter('settings.read');
  const [t, listed, found] = await Promise.all([
    getTranslations('notices'),
    listNotices(store, actor),
    getTerms(store, actor),
  ]);
  const { rows } = granted(listed);
  const { terms } = granted(found);
  const isReadOnly = !can('settings.write');
  return (
    <>
      <PageHead title={t('title')} about={t('about')}>
        {!isReadOnly && (
          <PageLink className="button" data-kind="primary" href="/admin/notices/new">
            {t('add')}
          </PageLink>
        )}
      </PageHead>
      {rows.length === 0 ? (
        <Empty title={t('emptyTitle')}>{t('emptyText')}</Empty>
      ) : (
        <Table label={t('title')} heads={[t('columns.text'), t('columns.readers'), t('columns.time')]}>
          {rows.map((notice) => (
            <Row key={notice.id}>
              <Cell className="md:max-w-md">
                <PageLink href={`/admin/notices/${notice.id}`} className="line-clamp-2 font-medium hover:underline">
                  {notice.text}
                </PageLink>
                <span className="mt-1 flex flex-wrap gap-1.5">
                  {notice.level === 'warning' && <Tag kind="warn">{t('levels.warning')}</Tag>}
                  {notice.pinned && <Tag>{t('pinned')}</Tag>}
                </span>
              </Cell>
              <Cell name={t('columns.readers')} className="text-muted">
                {notice.everyone ? t('everyone') : t('groupCount', { count: notice.groupIds.length })}
              </Cell>
              <Cell name={t('columns.time')} className="text-muted">
                <span className="block">{t(phaseOf(notice, store.now()))}</span>
                <NoticeTime notice={notice} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      <TermsForm key={terms?.version ?? 0} terms={terms} isReadOnly={isReadOnly} />
    </>
  );
}

function phaseOf({ fromAt, untilAt }: NoticeRecord, now: number): 'waiting' | 'over' | 'running' {
  if (fromAt !== null && fromAt > now) return 'waiting';
  return untilAt !== null && untilAt <= now ? 'over' : 'running';
}

async function NoticeTime({ notice: { fromAt, untilAt } }: { notice: NoticeRecord }) {
  const t = await getTranslations('notices');
  const from = () => <Time at={fromAt ?? 0} />;
  const until = () => <Time at={untilAt ?? 0} />;
  if (fromAt !== null && untilAt !== null) return t.rich('fromUntil', { from, until });
  if (fromAt !== null) return t.rich('from', { from });
  return untilAt !== null ? t.rich('until', { until }) : null;
}
