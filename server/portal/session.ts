// Reads the portal's session cookie, in the one place that does: pages get the session id in a header that only the program sets.
import { decode } from 'next-auth/jwt';
import { sessionEnd } from '#server/core/authorize.ts';
import { PORTAL_SESSION_COOKIE, portalTokenSecret } from '#server/core/portal-cookie.ts';
import { readCookie } from '#server/http/cookies.ts';
import type { Store } from '#server/store/handle.ts';
import { loadSession, touchSessions } from '#server/store/sessions.ts';

const MAX_TOKEN_LENGTH = 2048;
const TOUCH_EVERY_MS = 60_000;

/** The id of a session that lives now, or null: no cookie, a foreign or altered one, an ended session, a disabled person. */
export async function readLiveSession(store: Store, rawHeaders: readonly string[]): Promise<string | null> {
  const id = await readSessionId(rawHeaders, store.secret);
  const loaded = id ? await loadSession(store, id) : null;
  if (!loaded) return null;
  const now = store.now();
  const { session } = loaded;
  if (sessionEnd(session, now) || session.identity.disabled) return null;
  if (now - session.lastSeenAt > TOUCH_EVERY_MS) await touchSessions(store, [{ id: session.id, at: now }]);
  return session.id;
}

async function readSessionId(rawHeaders: readonly string[], secret: Buffer): Promise<string | null> {
  const token = readCookie(rawHeaders, PORTAL_SESSION_COOKIE);
  if (!token || token.length > MAX_TOKEN_LENGTH) return null;
  try {
    const payload = await decode({ token, secret: portalTokenSecret(secret) });
    return typeof payload?.sid === 'string' ? payload.sid : null;
  } catch {
    return null;
  }
}
