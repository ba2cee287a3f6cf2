// An uploaded icon, for people who may open an app that shows it, or may edit one.
import { showsIcon } from '#server/core/app-icon.ts';
import { PICTURE_TYPE } from '#server/core/small-picture.ts';
import { mayEditIcon, readIcon } from '#server/store/icons.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { clientAddress, supportId } from '../../../request/request-facts.ts';
import { actorOf, liveSession } from '../../../session/live-session.ts';

/**
 * The address is the hash of the bytes, so they never change: the person's own browser may keep them for a day, which no page
 * of the portal allows, but on a shared computer. Signing out clears them everywhere.
 */
const KEPT = 'private, max-age=86400, immutable';
const NOT_KEPT = 'no-store, private';

export async function GET(request: Request, { params }: { params: Promise<{ sha256: string }> }): Promise<Response> {
  const { sha256 } = await params;
  const session = await liveSession(request.headers);
  if (!session) return nothing(401);
  const { store, snapshot } = portalContext();
  const actor = actorOf(session, clientAddress(request.headers), supportId(request.headers));
  const isTheirs = showsIcon(snapshot(), session.identity, sha256) || (await mayEditIcon(store, actor, sha256));
  const bytes = isTheirs ? await readIcon(store, sha256) : null;
  if (!bytes) return nothing(404);
  return new Response(new Uint8Array(bytes), {
    headers: { 'content-type': PICTURE_TYPE, 'cache-control': session.kind === 'shared' ? NOT_KEPT : KEPT },
  });
}

function nothing(status: number): Response {
  return new Response(null, { status, headers: { 'cache-control': NOT_KEPT } });
}
