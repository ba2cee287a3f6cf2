// The door of every admin page: no session leads to sign-in, no right is a 403. The store checks again in every read and write.
import { headers } from 'next/headers';
import { forbidden, notFound, redirect } from 'next/navigation';
import type { Session } from '#server/core/identity.ts';
import { type Action, may } from '#server/core/permission.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { recordRefusedRead } from '#server/store/refused-read.ts';
import type { Forbidden, NotFound, PersonActor } from '#server/store/saved.ts';
import { clientAddress, supportId } from '../request/request-facts.ts';
import { currentSession } from '../session/current.ts';
import { actorOf } from '../session/live-session.ts';

export type Admin = {
  session: Session;
  actor: PersonActor;
  store: ReturnType<typeof portalContext>['store'];
  /** Reports whether the person may do this to at least something of their own. */
  can(action: Action): boolean;
};

/** `reach`: how far the right to this page has to reach. */
export async function enter(action: Action, reach: 'any' | 'own' = 'own'): Promise<Admin> {
  const [session, received] = await Promise.all([currentSession(), headers()]);
  if (!session) redirect('/sign-in');
  const { role } = session.identity;
  if (!may(role, action, reach)) return refuse(session, action);
  return {
    session,
    actor: actorOf(session, clientAddress(received), supportId(received)),
    store: portalContext().store,
    can: (other) => may(role, other, 'own'),
  };
}

/** The 403 of an admin page, audited under the page's name. */
export async function refuse(session: Session, page: Action | 'admin'): Promise<never> {
  const received = await headers();
  const actor = actorOf(session, clientAddress(received), supportId(received));
  await recordRefusedRead(portalContext().store, actor, page);
  forbidden();
}

/** What the store gave, or the page that says why not. */
export function granted<T extends { kind: string }>(answer: T | NotFound | Forbidden): T {
  if (answer.kind === 'forbidden') forbidden();
  if (answer.kind === 'not-found') notFound();
  return answer as T;
}
