// One notice.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { getNotice } from '#server/store/notices.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter, granted } from '../../enter.ts';
import { groupChoices } from '../group-choices.ts';
import { NoticeForm } from '../notice-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('notices'))('edit') };
}

export default async function NoticePage({ params }: { params: Promise<{ id: string }> }) {
  const { store, actor, can } = await enter('settings.read');
  const [t, found, groups] = await Promise.all([
    getTranslations('notices'),
    getNotice(store, actor, (await params).id),
    groupChoices(store, actor),
  ]);
  const { notice } = granted(found);
  return (
    <>
      <PageHead title={t('edit')} />
      <NoticeForm notice={notice} groups={groups} isReadOnly={!can('settings.write')} />
    </>
  );
}
