// Where a browser goes after a handshake: a path of the app's own origin, or the app's root. Never anywhere else.
import { MAX_TARGET_BYTES } from './attempt.ts';

/**
 * The absolute URL to go on to. `target` is an origin-form path and query, `fragment` starts with `#` or is empty.
 * Anything that a browser would read as another origin, a control byte, a reserved path, or more than 6 KB leads to the root.
 */
export function returnUrl(origin: string, target: string, fragment: string): string {
  return `${origin}${isReturnTarget(origin, target) ? target : '/'}${safeFragment(fragment)}`;
}

/** A fragment as browsers write it (`#…`, printable ASCII, up to 4 KB), or the empty string. */
export function safeFragment(fragment: string): string {
  return /^#[\x21-\x7e]{0,4096}$/.test(fragment) && !/["<>\\`]/.test(fragment) ? fragment : '';
}

/** Reports whether a target may be kept: printable ASCII that WHATWG parsing leaves on this origin and outside `/.foyer/`. */
export function isReturnTarget(origin: string, target: string): boolean {
  if (target.length > MAX_TARGET_BYTES || !/^\/[\x21-\x7e]*$/.test(target) || target.includes('\\')) return false;
  if (target.startsWith('//')) return false;
  if (!URL.canParse(origin + target)) return false;
  const url = new URL(origin + target);
  return url.origin === origin && !url.pathname.startsWith('/.foyer/') && url.pathname !== '/.foyer';
}
