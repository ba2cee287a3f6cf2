// The portal's service worker. It keeps the hashed static files of one build and the offline page, and no page or data, ever (K1).
import { PrecacheController, type PrecacheEntry } from 'workbox-precaching';
import {
  isFileOfPage,
  isPageVisit,
  OFFLINE_PAGE,
  PRECACHE,
  type Routes,
  SKIP_WAITING,
} from '#server/core/installed.ts';
import type { FetchEvent, WorkerScope } from './worker-scope.ts';

/** Both are written in by tools/build-shell.ts. */
declare const SHELL_FILES: PrecacheEntry[];
declare const SHELL_ROUTES: Routes;

const worker = self as unknown as WorkerScope;
const files = new PrecacheController({ cacheName: PRECACHE, fallbackToNetwork: true });
files.addToCacheList(SHELL_FILES);

// A new worker waits beside the old one, with both builds' files kept, until a person says so (K4).
worker.addEventListener('install', (event) => {
  files.install(event);
});

worker.addEventListener('activate', (event) => {
  files.activate(event);
  // The browser asks for the page while the worker is still starting.
  event.waitUntil(worker.registration.navigationPreload?.enable() ?? Promise.resolve());
});

worker.addEventListener('message', (event) => {
  if (event.data?.type === SKIP_WAITING) event.waitUntil(worker.skipWaiting());
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin } = worker.location;
  const asked = {
    method: request.method,
    mode: request.mode,
    url: new URL(request.url),
    hasRange: request.headers.has('range'),
  };
  if (isPageVisit(asked, origin, SHELL_ROUTES)) event.respondWith(visit(event));
  else if (isFileOfPage(asked, origin)) answerFile(event);
});

/** The network alone; the offline page where there is none. */
async function visit(event: FetchEvent): Promise<Response> {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch (error) {
    const page = await files.matchPrecache(OFFLINE_PAGE);
    if (!page) throw error;
    return page;
  }
}

function answerFile(event: FetchEvent): void {
  const cacheKey = files.getCacheKeyForURL(event.request.url);
  if (!cacheKey) return;
  const handled = files.strategy.handle({
    event: event,
    request: event.request,
    params: { cacheKey },
  });
  event.respondWith(handled);
}
