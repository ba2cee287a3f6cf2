// A link that outlives an app's host name: `/go/<name>/path?query#fragment` leads to where the app is now.
import { launcherApps } from '#server/core/launcher.ts';
import { appOrigin } from '#server/core/snapshot.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { liveSession } from '../../session/live-session.ts';
import { findByGoName } from '../find-by-go-name.ts';

/** 303 keeps the fragment: a Location without one inherits it (RFC 9110 §10.2.2). */
export async function GET(request: Request): Promise<Response> {
  const session = await liveSession(request.headers);
  if (!session) return new Response(null, { status: 401 });
  const { snapshot, portal } = portalContext();
  const { pathname, search } = new URL(request.url);
  const [, given = '', rest = '/'] = /^\/go\/([^/]*)(\/.*)?$/s.exec(pathname) ?? [];
  // Next has refused what is no UTF-8.
  const name = decodeURIComponent(given);
  const [app, another] = findByGoName(launcherApps(snapshot(), session.identity), name);
  if (!app || another) return goOn(`/?${new URLSearchParams({ go: name })}`);
  // The path begins with a slash and stands behind an origin of ours: whatever it says, the host is the app's.
  return goOn(`${appOrigin(portal, app.hosts[0])}${rest}${search}`);
}

function goOn(location: string): Response {
  return new Response(null, { status: 303, headers: { location } });
}
