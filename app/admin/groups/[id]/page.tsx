// One group and its members.
import type { Metadata } from 'next';
import { getGroup } from '#server/store/groups.ts';
import { listUsers } from '#server/store/users.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter, granted } from '../../enter.ts';
import { GroupForm } from '../group-form.tsx';

export const metadata: Metadata = { title: 'Group' };

const MOST = 1000;

export default async function GroupPage({ params }: { params: Promise<{ id: string }> }) {
  const { store, actor, can } = await enter('people.read');
  const [found, people] = await Promise.all([
    getGroup(store, actor, (await params).id),
    listUsers(store, actor, { limit: MOST }),
  ]);
  const { group, members } = granted(found);
  return (
    <>
      <PageHead title={group.name} />
      <GroupForm
        group={group}
        members={members}
        people={granted(people).rows.map(({ id, name, email }) => ({ userId: id, name, email }))}
        isReadOnly={!can('people.write')}
      />
    </>
  );
}
