// The path of an app by the API: the same look as the picture in the editor, as a list of steps.
import type { Session } from '#server/core/identity.ts';
import type { PathStep } from '#server/core/path.ts';
import { sessionAsIf } from '#server/core/path-policy.ts';
import { may } from '#server/core/permission.ts';
import { getApp } from '#server/store/apps.ts';
import { identityOf } from '#server/store/identity.ts';
import { loadIdentities } from '#server/store/people.ts';
import { parseInput } from '#server/store/schema/parse-input.ts';
import { placeOf, shownStep } from '../../path/look-at.ts';
import { type Refused, refusal } from './reply.ts';
import type { Call, Route } from './route-table.ts';
import { lookInput } from './schemas.ts';

export const PATH: readonly Route[] = [
  {
    ...{
      method: 'POST',
      path: '/apps/{id}/look',
      needs: ['apps.read'],
      tag: 'Path',
      summary: 'Look at the path to an app',
    },
    description:
      'From the public name to the upstream’s answer, with the gateway’s own resolver, dialer and client. It changes nothing. Each ' +
      'step is good, warning, bad or skipped, with a stable code. Whom policy is asked about is the token’s owner, or with ' +
      '`people:read` any person. One look of a token’s owner at a time: a newer one ends it.',
    body: 'LookInput',
    answers: { status: 200, schema: 'Look' },
    run: look,
  },
];

async function look(call: Call) {
  const { context, actor, params, body, signal } = call;
  const found = await getApp(context.store, actor, params.id ?? '');
  if (found.kind !== 'found') return refusal(found);
  const parsed = parseInput(lookInput, body);
  if (parsed.kind === 'invalid') return refusal(parsed);
  const place = placeOf(found.app, parsed.value);
  if (!place) {
    return refusal({
      kind: 'invalid',
      errors: { host: 'This is none of the app’s names or routes. Leave it out for its first.' },
    });
  }
  const person = await personOf(call, parsed.value.userId);
  if (person.kind !== 'person') return refusal(person);
  const reads = {
    providers: may(actor.role, 'providers.read') && actor.scopes.includes('providers:read'),
    sites: may(actor.role, 'sites.read') && actor.scopes.includes('sites:read'),
  };
  const steps: PathStep[] = [];
  const request = { appId: found.app.id, ...place, session: person.session, viewerId: actor.userId, signal };
  const end = await context.trace(
    { ...request, clientAddress: actor.address ?? '', supportId: actor.supportId ?? '' },
    (step) => void steps.push(shownStep(step, reads)),
  );
  if (end.kind === 'gone') return refusal({ kind: 'not-found' });
  if (end.kind !== 'done') {
    const sentence = 'Too many looks are under way, or you began another one. Try again in a few seconds.';
    return refusal({ kind: 'conflict', sentence });
  }
  return { kind: 'done', status: 200, body: { steps, tookMs: end.tookMs } } as const;
}

async function personOf(
  { context, actor }: Call,
  userId: string | undefined,
): Promise<{ kind: 'person'; session: Session } | Refused> {
  const { store, now } = context;
  if (userId !== undefined && userId !== actor.userId) {
    const found = await identityOf(store, actor, userId);
    return found.kind === 'found' ? { kind: 'person', session: sessionAsIf(found.identity, now()) } : found;
  }
  const identity = (await loadIdentities(store.db, [actor.userId])).get(actor.userId);
  return identity ? { kind: 'person', session: sessionAsIf(identity, now()) } : { kind: 'not-found' };
}
