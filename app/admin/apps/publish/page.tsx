// The guided way to publish an app: one question after the other, each answer looked at while it is given.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { listCategories } from '#server/store/apps.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { siteChoices } from '#server/store/sites.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { PageLink } from '../../../ui/page-link.tsx';
import { enter } from '../../enter.ts';
import { Wizard } from './wizard.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('apps'))('publish.title') };
}

export default async function PublishPage() {
  const { session, store, actor } = await enter('apps.place');
  const { userId, groupIds, name, email } = session.identity;
  const t = await getTranslations('apps');
  const { gatewayName, portal, snapshot } = portalContext();
  return (
    <>
      <PageHead title={t('publish.title')} about={t('publish.about')}>
        <PageLink className="button" data-kind="quiet" href="/admin/apps/new">
          {t('allSettings')}
        </PageLink>
      </PageHead>
      <Wizard
        sites={await siteChoices(store, actor)}
        categories={await listCategories(store, actor)}
        gatewayName={gatewayName}
        hasAliases={snapshot().aliases !== null}
        viewer={{ userId, groupIds, name, email }}
        portal={{ scheme: portal.scheme, port: portal.port }}
      />
    </>
  );
}
