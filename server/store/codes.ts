// One-time codes of the first visit: 60 seconds, one redemption, bound to session, app, host and browser.
import type { Hostname } from '#server/core/hostname.ts';
import type { Identity } from '#server/core/identity.ts';
import type { Store } from './handle.ts';
import { isId } from './id.ts';
import { newToken, tokenHash } from './one-time.ts';
import { loadSessions } from './sessions.ts';

export type Redemption =
  | { kind: 'redeemed'; sessionId: string; appId: string }
  | {
      kind: 'refused';
      reason: 'code-unknown' | 'code-expired' | 'code-other-host' | 'code-other-browser';
      /** Whose code it was; null when nobody can tell. */
      identity: Identity | null;
    };

export const CODE_LIFETIME_MS = 60_000;
const CLOCK_LEEWAY_MS = 60_000;
/** Codes that nobody redeemed, swept away by each new one. */
const SWEPT_PER_CODE = 20;

/** 32 random bytes, base64url; only their hash is kept. Null when the session has ended. */
export async function mintCode(
  store: Store,
  { sessionId, appId, host, nonceHash }: { sessionId: string; appId: string; host: Hostname; nonceHash: string },
): Promise<string | null> {
  if (!isId(sessionId)) return null;
  const code = newToken();
  const now = store.now();
  return store.db.transaction().execute(async (trx) => {
    const session = await trx
      .selectFrom('sessions')
      .select('id')
      .where('id', '=', sessionId)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    if (!session) return null;
    const unredeemed = trx.selectFrom('codes').select('code_hash').where('expires_at', '<=', now).limit(SWEPT_PER_CODE);
    await trx.deleteFrom('codes').where('code_hash', 'in', unredeemed).execute();
    await trx
      .insertInto('codes')
      .values({
        code_hash: tokenHash(code),
        session_id: sessionId,
        app_id: appId,
        host,
        nonce_hash: nonceHash,
        expires_at: now + CODE_LIFETIME_MS,
      })
      .execute();
    return code;
  });
}

/** The first redemption alone counts, and a wrong one burns the code too. */
export async function redeemCode(
  store: Store,
  { code, host, nonceHash }: { code: string; host: Hostname; nonceHash: string },
): Promise<Redemption> {
  const row = await store.db
    .deleteFrom('codes')
    .where('code_hash', '=', tokenHash(code))
    .returning(['session_id', 'app_id', 'host', 'nonce_hash', 'expires_at'])
    .executeTakeFirst();
  if (!row) return { kind: 'refused', reason: 'code-unknown', identity: null };
  const refused = async (reason: Extract<Redemption, { kind: 'refused' }>['reason']): Promise<Redemption> => {
    const { sessions } = await loadSessions(store, [row.session_id]);
    return { kind: 'refused', reason, identity: sessions.get(row.session_id)?.identity ?? null };
  };
  const leftMs = row.expires_at - store.now();
  // One from the future was made before the clock was set back, nobody knows how long ago.
  if (leftMs <= 0 || leftMs > CODE_LIFETIME_MS + CLOCK_LEEWAY_MS) return refused('code-expired');
  if (row.host !== host) return refused('code-other-host');
  if (row.nonce_hash !== nonceHash) return refused('code-other-browser');
  return { kind: 'redeemed', sessionId: row.session_id, appId: row.app_id };
}
