// The session of a request, read from the store every time: what the program says is an id, and an id alone opens nothing.
import { sessionEnd } from '#server/core/authorize.ts';
import type { Session } from '#server/core/identity.ts';
import { PORTAL_SESSION_HEADER } from '#server/core/portal-cookie.ts';
import { portalContext } from '#server/store/portal-context.ts';
import type { PersonActor } from '#server/store/saved.ts';
import { loadSession } from '#server/store/sessions.ts';

/** Null where nobody is signed in: no id, an ended or expired session, a disabled person. */
export async function liveSession(headers: { get(name: string): string | null }): Promise<Session | null> {
  const { store, now } = portalContext();
  const id = headers.get(PORTAL_SESSION_HEADER);
  const loaded = id ? await loadSession(store, id) : null;
  if (!loaded || sessionEnd(loaded.session, now()) || loaded.session.identity.disabled) return null;
  return loaded.session;
}

/** The signed-in person as the one who writes; the store decides what they may. */
export function actorOf(session: Session, address: string | null, support: string | null): PersonActor {
  const { userId, email, role } = session.identity;
  return { userId, email, role, sessionId: session.id, address, ...(support ? { supportId: support } : {}) };
}
