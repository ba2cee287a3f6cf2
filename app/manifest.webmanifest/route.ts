// What the portal is when it is installed. Asked for with credentials, and never stored.
import { cookies } from 'next/headers';
import type { App } from '#server/core/app.ts';
import { appSlug, appsOfSlug } from '#server/core/app-slug.ts';
import type { Session } from '#server/core/identity.ts';
import { chooseLanguage } from '#server/core/language.ts';
import { arrangeLauncher, launcherApps } from '#server/core/launcher.ts';
import { readLauncher } from '#server/store/launcher.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { productName } from '../brand/current-brand.ts';
import { LANGUAGE_COOKIE } from '../i18n/cookie-names.ts';
import { MESSAGES } from '../i18n/messages.ts';
import { liveSession } from '../session/live-session.ts';

/** Systems show four or so. */
const MAX_SHORTCUTS = 8;

const ICONS = [
  { src: '/icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
  { src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
  { src: '/icon-maskable-192.png', sizes: '192x192', type: 'image/png', purpose: 'maskable' },
  { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
  { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
];

export async function GET(request: Request): Promise<Response> {
  const language = chooseLanguage(
    (await cookies()).get(LANGUAGE_COOKIE)?.value,
    request.headers.get('accept-language'),
  );
  const name = productName();
  const session = await liveSession(request.headers);
  const manifest = {
    id: '/',
    name,
    short_name: name,
    description: MESSAGES[language].offline.manifest.description,
    lang: language,
    start_url: '/',
    scope: '/',
    display: 'standalone',
    background_color: '#fafafa',
    theme_color: '#fafafa',
    icons: ICONS,
    // The system keeps them beside the icon, where signing out does not reach.
    ...(session?.kind === 'my-device' ? { shortcuts: await favouritesOf(session) } : {}),
  };
  return Response.json(manifest, { headers: { 'content-type': 'application/manifest+json' } });
}

/** Of the portal's own origin, as a shortcut has to be: `/go` leads on to the app. */
async function favouritesOf({ identity }: Session): Promise<{ name: string; url: string }[]> {
  const { snapshot, store } = portalContext();
  const apps = launcherApps(snapshot(), identity);
  const { favourites } = arrangeLauncher(apps, (await readLauncher(store, identity.userId)).marks);
  return favourites.slice(0, MAX_SHORTCUTS).flatMap((id) => {
    const app = apps.find((each) => each.id === id);
    return app ? [{ name: app.name, url: `/go/${encodeURIComponent(goName(app, apps))}` }] : [];
  });
}

/** Its name, which outlives its host; its host, where another app of the person has the same name. */
function goName(app: App, apps: readonly App[]): string {
  const slug = appSlug(app.name);
  return appsOfSlug(apps, slug).length === 1 ? slug : app.hosts[0];
}
