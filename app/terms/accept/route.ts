// The click that accepts the terms of use: a plain form, so that it counts without any script, and then on.
import { portalContext } from '#server/store/portal-context.ts';
import { acceptTerms } from '#server/store/terms.ts';
import { returnPath } from '../../auth/return-path.ts';
import { clientAddress, isOwnPost, supportId } from '../../request/request-facts.ts';
import { actorOf, liveSession } from '../../session/live-session.ts';

const MAX_FORM_BYTES = 32 * 1024;

export async function POST(request: Request): Promise<Response> {
  const { store, portal } = portalContext();
  if (!isOwnPost(request.headers, portal)) return new Response(null, { status: 403 });
  const session = await liveSession(request.headers);
  if (!session) return new Response(null, { status: 401 });
  if (!(Number(request.headers.get('content-length') ?? Number.NaN) <= MAX_FORM_BYTES))
    return new Response(null, { status: 413 });
  const form = new URLSearchParams(await request.text());
  const to = returnPath(portal.origin, form.get('to'));
  const actor = actorOf(session, clientAddress(request.headers), supportId(request.headers));
  const version = Number(form.get('version'));
  const accepted = await acceptTerms(store, actor, Number.isSafeInteger(version) ? version : 0);
  if (accepted.kind === 'saved') return goOn(to);
  // Withdrawn or changed since it was read: the page shows the newest, or goes on by itself.
  return goOn(`/terms?${new URLSearchParams({ problem: 'changed', to })}`);
}

function goOn(location: string): Response {
  return new Response(null, { status: 303, headers: { location } });
}
