// The launcher: the apps of the signed-in person, and nothing that hints at others.
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import { arrangeLauncher, launcherApps, shownCollections } from '#server/core/launcher.ts';
import { may } from '#server/core/permission.ts';
import { readCollections } from '#server/store/collections.ts';
import { readLauncher } from '#server/store/launcher.ts';
import { noticesFor } from '#server/store/notices.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { pendingTerms } from '#server/store/terms.ts';
import { findByGoName, searchOfGoName } from './go/find-by-go-name.ts';
import { Texts } from './i18n/texts.tsx';
import { AppGrid } from './launcher/app-grid.tsx';
import { NoticeList } from './launcher/notice-list.tsx';
import { readLauncherApps } from './launcher/read-launcher-apps.ts';
import { SessionLine } from './launcher/session-line.tsx';
import { currentSession } from './session/current.ts';
import { Shell } from './shell/shell.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('launcher'))('title') };
}

/** `go`: the name of a link `/go/<name>` that led to no single app. */
export default async function LauncherPage({ searchParams }: { searchParams: Promise<{ go?: string | string[] }> }) {
  const session = await currentSession();
  if (!session) redirect('/sign-in');
  const { snapshot, store, now } = portalContext();
  const { identity } = session;
  const apps = launcherApps(snapshot(), identity);
  const [query, terms, kept, notices, collections, shown, t] = await Promise.all([
    searchParams,
    pendingTerms(store, identity.userId),
    readLauncher(store, identity.userId),
    noticesFor(store, identity),
    readCollections(store),
    readLauncherApps(apps),
    getTranslations('launcher'),
  ]);
  if (terms) redirect('/terms');
  const go = typeof query.go === 'string' ? query.go : '';
  const search = searchOfGoName(go);
  return (
    <Texts of={['common', 'shell', 'launcher', 'offline', 'problems']}>
      <Shell session={session} active="apps">
        <main>
          <h1 className="mb-6 text-[1.375rem] font-semibold tracking-tight">{t('title')}</h1>
          <NoticeList notices={notices} />
          {go && (
            <p role="status" className="mb-4 text-[0.9375rem]">
              {t(findByGoName(apps, go).length > 1 ? 'go.several' : 'go.none', { name: search })}
            </p>
          )}
          {shown.length > 0 ? (
            <AppGrid
              apps={shown}
              arrangement={arrangeLauncher(apps, kept.marks)}
              collections={shownCollections(apps, collections)}
              view={kept.view}
              opening={kept.opening}
              readAt={now()}
              search={search}
            />
          ) : (
            <div className="card max-w-xl px-6 py-8">
              <h2 className="font-medium">{t('empty.title')}</h2>
              <p className="mt-1.5 text-[0.9375rem] text-muted">{t('empty.text')}</p>
              {may(identity.role, 'apps.write') && (
                <a className="button mt-5" data-kind="primary" href="/admin/apps/new">
                  {t('empty.addFirst')}
                </a>
              )}
            </div>
          )}
          <SessionLine session={session} />
        </main>
      </Shell>
    </Texts>
  );
}
