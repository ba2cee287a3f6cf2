// Where a person was going before sign-in: a path of the portal itself, or the launcher. Never anywhere else.

const MAX_RETURN_BYTES = 12 * 1024;

/** Paths that lead in a circle or answer no navigation; the launcher takes their place. */
const NO_DESTINATION = /^\/(?:sign-in|sign-out|auth|setup|terms|_next)(?:[/?#]|$)/;

/**
 * The same-origin path and query to go on to. Anything that WHATWG URL parsing would read as another origin, a control
 * byte, a backslash, or more than 12 KB becomes `/` (the sealed `try` of a long deep link is about 8 KB).
 */
export function returnPath(origin: string, candidate: unknown): string {
  if (typeof candidate !== 'string' || candidate.length > MAX_RETURN_BYTES) return '/';
  if (!/^\/[\x21-\x7e]*$/.test(candidate) || candidate.startsWith('//') || candidate.includes('\\')) return '/';
  if (!URL.canParse(candidate, origin)) return '/';
  const url = new URL(candidate, origin);
  if (url.origin !== origin || url.pathname.startsWith('//') || NO_DESTINATION.test(url.pathname)) return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}
