// The first request after a sign-in: proves that the browser kept the cookie, then goes on to where the person was going.
import { portalContext } from '#server/store/portal-context.ts';
import { returnPath } from '../../auth/return-path.ts';
import { liveSession } from '../../session/live-session.ts';

export async function GET(request: Request): Promise<Response> {
  const { portal } = portalContext();
  const to = returnPath(portal.origin, new URL(request.url).searchParams.get('to'));
  const session = await liveSession(request.headers);
  return new Response(null, { status: 303, headers: { location: session ? to : '/sign-in/cookies' } });
}
