// The way to an app for a person who may open it. For everybody else there is no such app.
import type { Metadata } from 'next';
import { notFound, redirect } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import { openableApp } from '#server/core/path-public.ts';
import { appOrigin } from '#server/core/snapshot.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { Texts } from '../../i18n/texts.tsx';
import { currentSession } from '../../session/current.ts';
import { Shell } from '../../shell/shell.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { OwnPathView } from './own-path-view.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('way'))('metaTitle') };
}

export default async function OwnPathPage({ params }: { params: Promise<{ app: string }> }) {
  const session = await currentSession();
  if (!session) redirect('/sign-in');
  const { portal, snapshot } = portalContext();
  const app = openableApp(snapshot(), session.identity, (await params).app);
  if (!app) notFound();
  const t = await getTranslations('way');
  return (
    <Texts of={['common', 'shell', 'launcher', 'way', 'offline', 'problems']}>
      <Shell session={session} active="apps">
        <main>
          <PageHead title={t('title', { app: app.name })} about={t('aboutUser')}>
            <a className="button" data-kind="primary" href={appOrigin(portal, app.hosts[0])}>
              {t('open')}
            </a>
          </PageHead>
          <OwnPathView appId={app.id} host={app.hosts[0]} />
        </main>
      </Shell>
    </Texts>
  );
}
