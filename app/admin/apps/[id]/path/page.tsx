// The way of a request to one app, drawn with live results.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { may } from '#server/core/permission.ts';
import { getApp } from '#server/store/apps.ts';
import { readNamesReport } from '#server/store/name-findings.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { Texts } from '../../../../i18n/texts.tsx';
import { PageHead } from '../../../../ui/page-head.tsx';
import { PageLink } from '../../../../ui/page-link.tsx';
import { enter, granted } from '../../../enter.ts';
import { NamesNote } from './names-note.tsx';
import { PathView } from './path-view.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('way'))('metaTitle') };
}

export default async function PathPage({ params }: { params: Promise<{ id: string }> }) {
  const admin = await enter('apps.read');
  const { app } = granted(await getApp(admin.store, admin.actor, (await params).id));
  const [t, way] = await Promise.all([getTranslations('path'), getTranslations('way')]);
  const names = granted(await readNamesReport(admin.store, admin.actor, app.id));
  const site = portalContext().snapshot().sitesById.get(app.siteId);
  const { role } = admin.session.identity;
  return (
    <>
      <PageHead title={way('title', { app: app.name })} about={t('about')}>
        <PageLink className="button" href={`/admin/apps/${app.id}`}>
          {t('edit')}
        </PageLink>
      </PageHead>
      <Texts of={['path', 'way', 'common']}>
        <PathView
          appId={app.id}
          hosts={app.hosts}
          prefixes={app.traffic.routes.map(({ prefix }) => prefix)}
          site={site ? { id: site.id, name: site.name } : null}
          may={{
            sites: may(role, 'sites.read'),
            providers: may(role, 'providers.read'),
            people: may(role, 'people.read'),
          }}
        />
      </Texts>
      <NamesNote findings={names.findings} />
    </>
  );
}
