// The portal's session cookie: its name, and the key that its token is encrypted under.
import { deriveKey } from './seal.ts';

/** next-auth's encrypted token, which holds nothing but our session id. */
export const PORTAL_SESSION_COOKIE = '__Host-foyer-portal-session';

/** The header that tells the portal's pages whose request this is. Set by the portal program alone, which removes every other copy. */
export const PORTAL_SESSION_HEADER = 'foyer-portal-session';

/** next-auth derives its own keys from text. */
export function portalTokenSecret(secret: Buffer): string {
  return deriveKey(secret, 'portal/1').toString('base64url');
}
