// Looks at the path of an app for a person who may open it: nothing of the private network, and one look for everybody in ten seconds.

import { policyStep } from '#server/core/path-policy.ts';
import { openableApp, PublicView } from '#server/core/path-public.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { clientAddress, isOwnPost, supportId } from '../../../request/request-facts.ts';
import { liveSession } from '../../../session/live-session.ts';
import { lookStream } from '../../look-stream.ts';
import { privateEvidence } from '../../private-evidence.ts';

export async function POST(request: Request, { params }: { params: Promise<{ app: string }> }): Promise<Response> {
  const { feedConfirmedAt, now, portal, snapshot, traceShared } = portalContext();
  if (!isOwnPost(request.headers, portal)) return new Response(null, { status: 403 });
  const session = await liveSession(request.headers);
  if (!session) return new Response(null, { status: 401 });
  const current = snapshot();
  const app = openableApp(current, session.identity, (await params).app);
  if (!app) return new Response(null, { status: 404 });
  const evidence = await privateEvidence(app);
  return lookStream(request, async (tell, signal) => {
    const view = new PublicView();
    const show = (step: Parameters<PublicView['take']>[0]) => {
      const shown = view.take(step);
      if (shown) tell(shown.step === 'private' ? { ...shown, ...evidence } : shown);
    };
    show(policyStep(current, app, session, { feedConfirmedAt: feedConfirmedAt() }, now()));
    const end = await traceShared(
      {
        appId: app.id,
        host: app.hosts[0],
        viewerId: session.identity.userId,
        clientAddress: clientAddress(request.headers) ?? '',
        supportId: supportId(request.headers) ?? '',
        signal,
      },
      show,
    );
    // How long it took would tell of what is behind the gateway.
    return { kind: end.kind };
  });
}
