// One site.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { getSite } from '#server/store/sites.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter, granted } from '../../enter.ts';
import { SiteForm } from '../site-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('sites'))('head.site') };
}

export default async function SitePage({ params }: { params: Promise<{ id: string }> }) {
  const { store, actor, can } = await enter('sites.read');
  const { site, updatedAt } = granted(await getSite(store, actor, (await params).id));
  return (
    <>
      <PageHead title={site.name} />
      <SiteForm site={site} updatedAt={updatedAt} isReadOnly={!can('sites.write')} />
    </>
  );
}
