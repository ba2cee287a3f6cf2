// People whose name or e-mail has some letters, for lists to choose from: read while somebody types, and stored nowhere.
import { portalContext } from '#server/store/portal-context.ts';
import { listUsers } from '#server/store/users.ts';
import { currentActor } from '../../../session/current.ts';
import { type Person, SUGGESTED } from '../person.ts';

export async function GET(request: Request): Promise<Response> {
  const actor = await currentActor();
  if (!actor) return new Response(null, { status: 401 });
  const search = (new URL(request.url).searchParams.get('q') ?? '').trim().slice(0, 200);
  const listed = await listUsers(portalContext().store, actor, { search, limit: SUGGESTED });
  if (listed.kind !== 'listed') return new Response(null, { status: 403 });
  const people = listed.rows.map(({ id, name, email }): Person => ({ userId: id, name, email }));
  return Response.json({ people, total: listed.total });
}
