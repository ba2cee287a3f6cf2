// The portal's cookies: host-only, Secure, and no name a prefix of another (a sibling app's script cannot plant a `__Host-` cookie).
import type { CookieOption, CookiesOptions } from 'next-auth';
import { PORTAL_SESSION_COOKIE } from '#server/core/portal-cookie.ts';

export const RETURN_COOKIE = '__Host-foyer-return';
export const STATE_COOKIE = '__Host-foyer-oidc-state';
export const PKCE_COOKIE = '__Host-foyer-oidc-pkce';
export const NONCE_COOKIE = '__Host-foyer-oidc-nonce';
const CSRF_COOKIE = '__Host-foyer-csrf';

const COOKIE_OPTIONS = { httpOnly: true, sameSite: 'lax', path: '/', secure: true } as const;

const CHECK_LIFETIME_SECONDS = 15 * 60;

export const COOKIES: Partial<CookiesOptions> = {
  sessionToken: cookie(PORTAL_SESSION_COOKIE),
  csrfToken: cookie(CSRF_COOKIE),
  callbackUrl: cookie(RETURN_COOKIE),
  state: cookie(STATE_COOKIE, CHECK_LIFETIME_SECONDS),
  pkceCodeVerifier: cookie(PKCE_COOKIE, CHECK_LIFETIME_SECONDS),
  nonce: cookie(NONCE_COOKIE, CHECK_LIFETIME_SECONDS),
};

function cookie(name: string, maxAge?: number): CookieOption {
  return { name, options: maxAge === undefined ? COOKIE_OPTIONS : { ...COOKIE_OPTIONS, maxAge } };
}
