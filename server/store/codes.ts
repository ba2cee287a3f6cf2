// One-time codes of the first visit: 60 seconds, one redemption, bound to session, app, host and browser.
import type { Hostname } from '#server/core/hostname.ts';
import type { Store } from './handle.ts';

export type Redemption =
  | { kind: 'redeemed'; sessionId: string; appId: string }
  | { kind: 'refused'; reason: 'code-unknown' | 'code-expired' | 'code-other-host' | 'code-other-browser' };

/** 32 random bytes, base64url; only their hash is kept. Null when the session has ended. */
export declare function mintCode(
  store: Store,
  binding: { sessionId: string; appId: string; host: Hostname; nonceHash: string },
): Promise<string | null>;

/** The first redemption alone counts, and a wrong one burns the code too. */
export declare function redeemCode(
  store: Store,
  proof: { code: string; host: Hostname; nonceHash: string },
): Promise<Redemption>;
