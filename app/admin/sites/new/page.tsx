// A new site.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { portalContext } from '#server/store/portal-context.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter } from '../../enter.ts';
import { SiteForm } from '../site-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('sites'))('add') };
}

export default async function NewSitePage() {
  await enter('sites.write');
  const t = await getTranslations('sites');
  const { snapshot, proposeSite } = portalContext();
  const isFirst = snapshot().sitesById.size === 0;
  return (
    <>
      <PageHead title={isFirst ? t('addFirst') : t('add')} />
      {isFirst && <p className="mb-5 max-w-prose text-muted">{t('firstAbout')}</p>}
      <SiteForm site={null} proposal={isFirst ? proposeSite() : undefined} />
    </>
  );
}
