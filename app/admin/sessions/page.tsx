// Everybody who is signed in right now.
import type { Metadata } from 'next';
import { listSessions } from '#server/store/sessions.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { SessionTable } from '../../ui/session-table.tsx';
import { enter, granted } from '../enter.ts';
import { endSessionAction } from './actions.ts';

export const metadata: Metadata = { title: 'Sessions' };

export default async function SessionsPage() {
  const { store, actor, can, session } = await enter('sessions.read');
  const { rows } = granted(await listSessions(store, actor, null));
  return (
    <>
      <PageHead title="Sessions" about="One line for each browser that is signed in." />
      <SessionTable
        sessions={rows}
        currentId={session.id}
        endAction={can('sessions.end') ? endSessionAction : null}
        showPerson
      />
    </>
  );
}
