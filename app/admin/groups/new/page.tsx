// A new group.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { listUsers } from '#server/store/users.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter, granted } from '../../enter.ts';
import { SUGGESTED } from '../../users/person.ts';
import { GroupForm } from '../group-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('people'))('addGroup') };
}

export default async function NewGroupPage() {
  const { store, actor } = await enter('people.write');
  const t = await getTranslations('people');
  const { rows, total } = granted(await listUsers(store, actor, { limit: SUGGESTED }));
  return (
    <>
      <PageHead title={t('addGroup')} />
      <GroupForm
        group={null}
        members={[]}
        people={{ first: rows.map(({ id, name, email }) => ({ userId: id, name, email })), total }}
      />
    </>
  );
}
