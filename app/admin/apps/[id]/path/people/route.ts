// People whom a path's policy may be looked at for: the first few that match what was typed.
import { portalContext } from '#server/store/portal-context.ts';
import { listUsers } from '#server/store/users.ts';
import { clientAddress, supportId } from '../../../../../request/request-facts.ts';
import { actorOf, liveSession } from '../../../../../session/live-session.ts';

const MOST = 8;

export async function GET(request: Request): Promise<Response> {
  const session = await liveSession(request.headers);
  if (!session) return new Response(null, { status: 401 });
  const actor = actorOf(session, clientAddress(request.headers), supportId(request.headers));
  const search = new URL(request.url).searchParams.get('q') ?? '';
  const listed = await listUsers(portalContext().store, actor, { search: search.slice(0, 200), limit: MOST });
  if (listed.kind !== 'listed') return new Response(null, { status: 403 });
  return Response.json({ people: listed.rows.map(({ id, name, email }) => ({ id, name, email })) });
}
