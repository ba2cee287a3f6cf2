// Everything that is kept of one person, as a file.

import { exportPerson } from '#server/store/person-export.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { download } from '../../../../request/download.ts';
import { isOwnGet } from '../../../../request/request-facts.ts';
import { currentActor } from '../../../../session/current.ts';

export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  if (!isOwnGet(request.headers)) return new Response(null, { status: 403 });
  const actor = await currentActor();
  if (!actor) return new Response(null, { status: 401 });
  const { id } = await params;
  const exported = await exportPerson(portalContext().store, actor, id);
  if (exported.kind === 'forbidden') return new Response(null, { status: 403 });
  if (exported.kind === 'not-found') return new Response(null, { status: 404 });
  return download(exported.pieces, { name: `person-${id}.json`, type: 'application/json; charset=utf-8' });
}
