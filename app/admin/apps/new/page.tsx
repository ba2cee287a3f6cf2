// A new app with all settings at once: an empty form, or one that begins with what another app has.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { getApp, listCategories } from '#server/store/apps.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter } from '../../enter.ts';
import { appChoices } from '../app-choices.ts';
import { AppForm } from '../app-form.tsx';
import { likeApp } from '../like-app.ts';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('apps'))('add') };
}

type Params = Promise<{ like?: string | string[] }>;

export default async function NewAppPage({ searchParams }: { searchParams: Params }) {
  const admin = await enter('apps.place');
  const t = await getTranslations('apps');
  const { like } = await searchParams;
  const found = typeof like === 'string' ? await getApp(admin.store, admin.actor, like) : null;
  const record = found?.kind === 'found' ? found : null;
  return (
    <>
      <PageHead
        title={record ? t('addLike', { name: record.app.name }) : t('add')}
        {...(record ? { about: t('addLikeAbout') } : {})}
      />
      <AppForm
        app={null}
        choices={await appChoices(admin, record ? { id: '', siteId: record.app.siteId } : undefined)}
        categories={await listCategories(admin.store, admin.actor)}
        {...(record ? { like: likeApp(record, portalContext().now()) } : {})}
      />
    </>
  );
}
