// What stands in the worker's place when it is switched off: it takes over at once, deletes what was kept, and is gone (K4).
import type { WorkerScope } from './worker-scope.ts';

const worker = self as unknown as WorkerScope;

worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()));

worker.addEventListener('activate', (event) => event.waitUntil(remove()));

/** Every cache of the portal's origin is this worker's or the kept catalogue. */
async function remove(): Promise<void> {
  for (const name of await caches.keys()) await caches.delete(name);
  await worker.registration.unregister();
}
