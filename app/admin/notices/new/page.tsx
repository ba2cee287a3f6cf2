// A new notice.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter } from '../../enter.ts';
import { groupChoices } from '../group-choices.ts';
import { NoticeForm } from '../notice-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('notices'))('add') };
}

export default async function NewNoticePage() {
  const { store, actor } = await enter('settings.write');
  const [t, groups] = await Promise.all([getTranslations('notices'), groupChoices(store, actor)]);
  return (
    <>
      <PageHead title={t('add')} />
      <NoticeForm notice={null} groups={groups} />
    </>
  );
}
