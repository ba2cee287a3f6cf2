// The cookie that says: whoever is signed in here chose that this device keeps their catalogue. Every sign-in sets it or takes it back.
import { COOKIE_LIFETIME_SECONDS } from '../auth/device.ts';

export const KEEP_COOKIE = '__Host-foyer-keep';

const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Lax';

/** A `Set-Cookie` line. */
export function keepCookie(keep: boolean): string {
  const lifetime = keep ? COOKIE_LIFETIME_SECONDS['my-device'] : 0;
  return `${KEEP_COOKIE}=${keep ? 'yes' : ''}; Max-Age=${lifetime}; ${ATTRIBUTES}`;
}
