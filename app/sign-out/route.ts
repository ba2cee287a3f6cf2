// Ends this browser's session, or all of the person's: the rows are deleted, and every app hears of it within a second.
import { PORTAL_SESSION_COOKIE } from '#server/core/portal-cookie.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { endSession, endSessionsOfUser } from '#server/store/sessions.ts';
import { readCookies } from '../auth/read-cookies.ts';
import { returnPath } from '../auth/return-path.ts';
import { KEEP_COOKIE, keepCookie } from '../offline/keep-cookie.ts';
import { clientAddress, isOwnPost, supportId } from '../request/request-facts.ts';
import { actorOf, liveSession } from '../session/live-session.ts';

const MAX_FORM_BYTES = 32 * 1024;

export async function POST(request: Request): Promise<Response> {
  const { store, portal } = portalContext();
  if (!isOwnPost(request.headers, portal)) return new Response(null, { status: 403 });
  const form = await readForm(request);
  const session = await liveSession(request.headers);
  if (session) {
    const actor = actorOf(session, clientAddress(request.headers), supportId(request.headers));
    if (form.get('everywhere') === 'yes') {
      await endSessionsOfUser(store, actor, session.identity.userId, { reason: 'signed-out-everywhere' });
    } else await endSession(store, actor, session.id, 'signed-out');
  }
  const to = returnPath(portal.origin, form.get('to'));
  const location = to === '/' ? '/sign-in?note=signed-out' : `/sign-in?${new URLSearchParams({ to })}`;
  // What the person saw here must not come back from a cache (RFC 9111 says no-store; this also empties the back/forward cache).
  // Where their catalogue is kept, all that the browser stored for the portal goes, the worker too: the next page brings it back.
  const keeps = readCookies(request.headers.get('cookie'))[KEEP_COOKIE] !== undefined;
  const headers = new Headers({ location, 'clear-site-data': keeps ? '"cache", "storage"' : '"cache"' });
  headers.append('set-cookie', `${PORTAL_SESSION_COOKIE}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax`);
  if (keeps) headers.append('set-cookie', keepCookie(false));
  return new Response(null, { status: 303, headers });
}

/** A bare POST signs out as well: the form only says how far, and where to go afterwards. */
async function readForm(request: Request): Promise<URLSearchParams> {
  const isForm = request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded');
  const size = Number(request.headers.get('content-length') ?? 0);
  return new URLSearchParams(isForm && size <= MAX_FORM_BYTES ? await request.text() : '');
}
