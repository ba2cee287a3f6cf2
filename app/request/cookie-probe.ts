// Whether this browser keeps our cookies, asked of the browser itself: before sign-in by a script, and on the diagnosis page.

/** Set and never taken back: a tab that removed it would take it from another one that has set it and is about to look. */
const PROBE_COOKIE = '__Host-foyer-probe=1; Path=/; Secure; SameSite=Lax; Max-Age=60';
const KEPT = /(^|; )__Host-foyer-probe=1/;

/** Sets a cookie as a response's Set-Cookie would, and looks for it. */
export function keepsCookies(jar: { cookie: string }): boolean {
  jar.cookie = PROBE_COOKIE;
  return KEPT.test(jar.cookie);
}

/** The same as a script that runs while the page is parsed; a browser that keeps none is led to `refusedUrl`. */
export function cookieProbeScript(refusedUrl: string): string {
  const [cookie, url] = [PROBE_COOKIE, refusedUrl].map((text) => JSON.stringify(text));
  return `document.cookie=${cookie};if(!${KEPT}.test(document.cookie))location.replace(${url});`;
}
