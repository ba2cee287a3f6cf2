// The two cookies of how a person reads. Neither is a secret: scripts of the portal's own pages write them.
export const LANGUAGE_COOKIE = '__Host-foyer-language';
export const ZONE_COOKIE = '__Host-foyer-zone';

const YEAR_S = 365 * 24 * 60 * 60;

/** For `document.cookie`. */
export function readingCookie(name: typeof LANGUAGE_COOKIE | typeof ZONE_COOKIE, value: string): string {
  return `${name}=${value}; Path=/; Secure; SameSite=Lax; Max-Age=${YEAR_S}`;
}
