// Everything that is open for long right now: WebSockets and answers that go on, of everybody.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { listAppNames } from '#server/store/app-names.ts';
import { listStreams } from '#server/store/streams.ts';
import { Empty } from '../../../ui/empty.tsx';
import { PageHead } from '../../../ui/page-head.tsx';
import { PageLink } from '../../../ui/page-link.tsx';
import { Cell, Row, Table } from '../../../ui/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { enter, granted } from '../../enter.ts';
import { listQuery } from '../../list-query.ts';
import { Pager } from '../../pager.tsx';
import { SessionFilterForm } from '../session-filter-form.tsx';
import { type Params, streamFiltersOf } from '../session-query.ts';
import { SessionTabs } from '../session-tabs.tsx';
import { Bytes, StreamEnd, StreamName } from '../stream-line.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('sessions'))('streams') };
}

export default async function StreamsPage({ searchParams }: { searchParams: Promise<Params> }) {
  const { store, actor, can } = await enter('sessions.read');
  const t = await getTranslations('sessions');
  const filters = streamFiltersOf(await searchParams);
  const query = await listQuery(searchParams);
  const [listed, apps] = await Promise.all([
    listStreams(store, actor, { ...query, filters }),
    can('apps.read') ? listAppNames(store, actor) : [],
  ]);
  const { rows, total } = granted(listed);
  const chosen = { ...(filters.kind ? { kind: filters.kind } : {}), ...(filters.appId ? { app: filters.appId } : {}) };
  return (
    <>
      <PageHead title={t('streams')} about={t('streamsAbout')} />
      <SessionTabs current="streams" />
      <SessionFilterForm of="streams" search={query.search} kind={filters.kind} apps={apps} appId={filters.appId} />
      {rows.length === 0 ? (
        <Empty title={t('noStreams')}>{t('noStreamsAbout')}</Empty>
      ) : (
        <Table
          label={t('streams')}
          heads={[t('person'), t('app'), t('kind'), t('opened'), t('sent'), ...(can('sessions.end') ? [''] : [])]}
        >
          {rows.map((stream) => (
            <Row key={stream.id}>
              <Cell>
                <PageLink href={`/admin/users/${stream.userId}`} className="font-medium hover:underline">
                  {stream.name}
                </PageLink>
                <div className="break-all text-muted">{stream.email}</div>
              </Cell>
              <Cell name={t('app')}>
                <StreamName stream={stream} />
              </Cell>
              <Cell name={t('kind')}>{t(`kinds.${stream.kind}`)}</Cell>
              <Cell name={t('opened')} className="text-muted">
                <Time at={stream.since} />
              </Cell>
              <Cell name={t('sent')} className="text-muted">
                <Bytes count={stream.bytes} />
              </Cell>
              {can('sessions.end') && (
                <Cell className="md:text-end">
                  <StreamEnd stream={stream} />
                </Cell>
              )}
            </Row>
          ))}
        </Table>
      )}
      <Pager total={total} {...query} filters={chosen} />
    </>
  );
}
