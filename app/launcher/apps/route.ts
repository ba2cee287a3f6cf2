// The apps of the signed-in person, for the command palette: read when it is opened, and stored nowhere.
import { launcherApps } from '#server/core/launcher.ts';
import { readLauncher } from '#server/store/launcher.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { liveSession } from '../../session/live-session.ts';
import { tileOf } from '../tile.ts';

export async function GET(request: Request): Promise<Response> {
  const session = await liveSession(request.headers);
  if (!session) return new Response(null, { status: 401 });
  const { snapshot, portal, store } = portalContext();
  const { opening } = await readLauncher(store, session.identity.userId);
  const apps = launcherApps(snapshot(), session.identity).map((app) => tileOf(app, portal));
  return Response.json({ apps, opening });
}
