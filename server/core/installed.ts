// The portal as an installed app: what its parts are called, and what its service worker answers for. All else is the network's
// alone: it passes as if there were no worker.

export const WORKER = '/sw.js';
export const OFFLINE_PAGE = '/offline.html';

/** The cache of static files; Workbox adds nothing to a name that it is given. */
export const PRECACHE = 'foyer-files';
/** The cache that holds one person's catalogue, on a device of their own. */
export const KEPT_CACHE = 'foyer-kept';

export const SKIP_WAITING = 'SKIP_WAITING';

export type Asked = { method: string; mode: string; url: URL; hasRange: boolean };

/** The way in and out, what programs call, and what leads to another host: never, not even offline (K2). */
const NEVER = new Set([
  'open',
  'auth',
  'sign-in',
  'sign-out',
  'setup',
  'diagnosis',
  'go',
  'api',
  '.foyer',
  '.well-known',
  '_next',
]);

/**
 * Routes as Next writes them, `/admin/apps/[id]`. A visit to a page may end in the offline page; what is no page answers with a
 * download, a stream, a redirect or a program's data.
 */
export type Routes = { pages: readonly string[]; others: readonly string[] };

/** From Next's own list: `/admin/apps/[id]/page` is a page, `/open/route` is none. */
export function shellRoutes(built: Readonly<Record<string, string>>): Routes {
  const ofKind = (end: string) =>
    Object.entries(built)
      .filter(([file, route]) => file.endsWith(end) && !NEVER.has(route.split('/')[1] ?? '') && !route.startsWith('/_'))
      .map(([, route]) => route)
      .sort();
  return { pages: ofKind('/page'), others: ofKind('/route') };
}

/** A person's own navigation to one of these pages. */
export function isPageVisit({ method, mode, url, hasRange }: Asked, origin: string, routes: Routes): boolean {
  if (method !== 'GET' || mode !== 'navigate' || hasRange || url.origin !== origin) return false;
  const path = url.pathname.split('/');
  const isOneOf = (list: readonly string[]) => list.some((route) => matches(route.split('/'), path));
  return !NEVER.has(path[1] ?? '') && isOneOf(routes.pages) && !isOneOf(routes.others);
}

/** A whole static file, asked for by a page. `url` may be in the cache only when it is written exactly as it was kept. */
export function isFileOfPage({ method, mode, url, hasRange }: Asked, origin: string): boolean {
  return method === 'GET' && mode !== 'navigate' && !hasRange && url.origin === origin && url.search === '';
}

function matches(page: readonly string[], path: readonly string[]): boolean {
  const rest = page.findIndex((part) => part.startsWith('[...') || part.startsWith('[[...'));
  if (rest !== -1) return path.length >= rest && page.slice(0, rest).every((part, at) => fits(part, path[at]));
  return page.length === path.length && page.every((part, at) => fits(part, path[at]));
}

function fits(part: string, given: string | undefined): boolean {
  return part.startsWith('[') ? Boolean(given) : part === given;
}
