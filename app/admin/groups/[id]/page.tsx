// One group and its members.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { getGroup } from '#server/store/groups.ts';
import { listUsers } from '#server/store/users.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter, granted } from '../../enter.ts';
import { SUGGESTED } from '../../users/person.ts';
import { GroupForm } from '../group-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('people'))('group') };
}

export default async function GroupPage({ params }: { params: Promise<{ id: string }> }) {
  const { store, actor, can } = await enter('people.read');
  const [found, people] = await Promise.all([
    getGroup(store, actor, (await params).id),
    listUsers(store, actor, { limit: SUGGESTED }),
  ]);
  const { group, members } = granted(found);
  const { rows, total } = granted(people);
  return (
    <>
      <PageHead title={group.name} />
      <GroupForm
        group={group}
        members={members}
        people={{ first: rows.map(({ id, name, email }) => ({ userId: id, name, email })), total }}
        isReadOnly={!can('people.write')}
      />
    </>
  );
}
