// The launcher: the apps of the signed-in person, and nothing that hints at others.
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { launcherApps } from '#server/core/launcher.ts';
import { may } from '#server/core/permission.ts';
import { appOrigin } from '#server/core/snapshot.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { AppGrid } from './launcher/app-grid.tsx';
import { currentSession } from './session/current.ts';
import { Shell } from './shell/shell.tsx';

export const metadata: Metadata = { title: 'Your apps' };

export default async function LauncherPage() {
  const session = await currentSession();
  if (!session) redirect('/sign-in');
  const { snapshot, portal } = portalContext();
  const tiles = launcherApps(snapshot(), session.identity).map((app) => ({
    id: app.id,
    name: app.name,
    description: app.description,
    host: app.hosts[0],
    href: `${appOrigin(portal, app.hosts[0])}/`,
  }));
  return (
    <Shell session={session} active="apps">
      <main>
        <h1 className="mb-6 text-[1.375rem] font-semibold tracking-tight">Your apps</h1>
        {tiles.length > 0 ? (
          <AppGrid tiles={tiles} />
        ) : (
          <div className="card max-w-xl px-6 py-8">
            <h2 className="font-medium">No apps yet</h2>
            <p className="mt-1.5 text-[0.9375rem] text-muted">
              Nobody has assigned an app to you. Ask an administrator for the ones you need; they appear here at once,
              without signing in again.
            </p>
            {may(session.identity.role, 'apps.write') && (
              <a className="button mt-5" data-kind="primary" href="/admin/apps/new">
                Add the first app
              </a>
            )}
          </div>
        )}
      </main>
    </Shell>
  );
}
