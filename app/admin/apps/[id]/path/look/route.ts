// Looks at an app's path for those who may read the app, and tells each step as it ends.
import type { Session } from '#server/core/identity.ts';
import { sessionAsIf } from '#server/core/path-policy.ts';
import { may } from '#server/core/permission.ts';
import { getApp } from '#server/store/apps.ts';
import { identityOf } from '#server/store/identity.ts';
import { portalContext } from '#server/store/portal-context.ts';
import type { PersonActor } from '#server/store/saved.ts';
import { placeOf, shownStep } from '../../../../../path/look-at.ts';
import { lookStream, smallForm } from '../../../../../path/look-stream.ts';
import { clientAddress, isOwnPost, supportId } from '../../../../../request/request-facts.ts';
import { actorOf, liveSession } from '../../../../../session/live-session.ts';

const STATUS = { forbidden: 403, 'not-found': 404 } as const;

export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { portal, store, trace } = portalContext();
  if (!isOwnPost(request.headers, portal)) return new Response(null, { status: 403 });
  const session = await liveSession(request.headers);
  if (!session) return new Response(null, { status: 401 });
  const support = supportId(request.headers);
  const address = clientAddress(request.headers);
  const actor = actorOf(session, address, support);
  const found = await getApp(store, actor, (await params).id);
  if (found.kind !== 'found') return new Response(null, { status: STATUS[found.kind] });
  const form = await smallForm(request);
  if (!form) return new Response(null, { status: 413 });
  const person = await personOf(form.get('person'), session, actor);
  if (typeof person === 'number') return new Response(null, { status: person });
  const place = placeOf(found.app, { host: form.get('host'), route: Number(form.get('route') ?? -1) });
  if (!place) return new Response(null, { status: 404 });
  const { role } = session.identity;
  const reads = { providers: may(role, 'providers.read'), sites: may(role, 'sites.read') };
  return lookStream(request, (tell, signal) =>
    trace(
      {
        appId: found.app.id,
        ...place,
        session: person,
        viewerId: session.identity.userId,
        clientAddress: address ?? '',
        supportId: support ?? '',
        signal,
      },
      (step) => tell(shownStep(step, reads)),
    ),
  );
}

/** The person whom policy is asked about; a status when that may not be. */
async function personOf(userId: string | null, session: Session, actor: PersonActor): Promise<Session | number> {
  if (!userId || userId === session.identity.userId) return session;
  const { now, store } = portalContext();
  const found = await identityOf(store, actor, userId);
  return found.kind === 'found' ? sessionAsIf(found.identity, now()) : STATUS[found.kind];
}
