// Who is signed in, for pages and actions: looked up once a render.
import { headers } from 'next/headers';
import { cache } from 'react';
import type { Session } from '#server/core/identity.ts';
import type { PersonActor } from '#server/store/saved.ts';
import { clientAddress, supportId } from '../request/request-facts.ts';
import { actorOf, liveSession } from './live-session.ts';

export const currentSession = cache(async (): Promise<Session | null> => liveSession(await headers()));

/** Null where nobody is signed in; the caller then refuses. */
export async function currentActor(): Promise<PersonActor | null> {
  const [session, received] = await Promise.all([currentSession(), headers()]);
  return session && actorOf(session, clientAddress(received), supportId(received));
}
