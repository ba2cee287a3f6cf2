// A new group.
import type { Metadata } from 'next';
import { listUsers } from '#server/store/users.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter, granted } from '../../enter.ts';
import { GroupForm } from '../group-form.tsx';

export const metadata: Metadata = { title: 'Add group' };

const MOST = 1000;

export default async function NewGroupPage() {
  const { store, actor } = await enter('people.write');
  const { rows } = granted(await listUsers(store, actor, { limit: MOST }));
  return (
    <>
      <PageHead title="Add group" />
      <GroupForm group={null} members={[]} people={rows.map(({ id, name, email }) => ({ userId: id, name, email }))} />
    </>
  );
}
