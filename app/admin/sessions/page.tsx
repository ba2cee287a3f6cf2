// Everybody who is signed in right now, and what each browser has open.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { listSessions } from '#server/store/sessions.ts';
import { listStreams } from '#server/store/streams.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { SessionTable } from '../../ui/session-table.tsx';
import { enter, granted } from '../enter.ts';
import { listQuery } from '../list-query.ts';
import { Pager } from '../pager.tsx';
import { endSessionAction } from './actions.ts';
import { SessionFilterForm } from './session-filter-form.tsx';
import { type Params, sessionKindOf } from './session-query.ts';
import { SessionTabs } from './session-tabs.tsx';
import { StreamsOf } from './stream-line.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('sessions'))('sessions') };
}

/** More than a page of sessions has open in any case that one can still look at. */
const MOST_STREAMS = 500;

export default async function SessionsPage({ searchParams }: { searchParams: Promise<Params> }) {
  const { store, actor, can, session } = await enter('sessions.read');
  const t = await getTranslations('sessions');
  const kind = sessionKindOf(await searchParams);
  const query = await listQuery(searchParams);
  const { rows, total } = granted(await listSessions(store, actor, null, { ...query, kind }));
  const filters = { sessionIds: rows.map(({ id }) => id) };
  const open = granted(await listStreams(store, actor, { filters, limit: MOST_STREAMS }));
  const streamsOf = Map.groupBy(open.rows, ({ sessionId }) => sessionId);
  const canEnd = can('sessions.end');
  return (
    <>
      <PageHead title={t('sessions')} about={t('about')} />
      <SessionTabs current="sessions" />
      <SessionFilterForm of="sessions" search={query.search} kind={kind} />
      {rows.length === 0 ? (
        <Empty title={t('noneFound')}>{t('noneFoundAbout')}</Empty>
      ) : (
        <SessionTable
          sessions={rows}
          currentId={session.id}
          endAction={canEnd ? endSessionAction : null}
          showPerson
          more={{
            head: t('openNow'),
            cells: Object.fromEntries(
              Array.from(streamsOf, ([id, streams]) => [id, <StreamsOf key={id} streams={streams} canEnd={canEnd} />]),
            ),
          }}
        />
      )}
      <Pager total={total} {...query} filters={kind ? { kind } : {}} />
    </>
  );
}
