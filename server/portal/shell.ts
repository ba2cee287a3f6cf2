// The files of the installed portal: the service worker, the offline page and its parts, read once. `npm run build` made them.
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';

const BUILT = join(import.meta.dirname, '../../.next/foyer');

/** What each is, and the whole of what it may load: none of them has an inline script or style. */
const FILES = {
  '/sw.js': { type: 'text/javascript', policy: "default-src 'none'; connect-src 'self'" },
  '/offline.js': { type: 'text/javascript', policy: "default-src 'none'" },
  '/offline.css': { type: 'text/css', policy: "default-src 'none'" },
  '/offline.html': {
    type: 'text/html',
    policy:
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  },
} as const;

export const SHELL_PATHS: ReadonlySet<string> = new Set(Object.keys(FILES));

export type Shell = { answer(path: string, isHead: boolean, response: ServerResponse): boolean };

/** `workerOn: false` puts in the worker's place the one that removes it. Throws when the build left a file out. */
export async function readShell(workerOn: boolean): Promise<Shell> {
  const bodies = new Map<string, Buffer>();
  for (const path of SHELL_PATHS) {
    const name = path === '/sw.js' && !workerOn ? 'sw-removal.js' : path.slice(1);
    bodies.set(path, await readFile(join(BUILT, name)));
  }
  return {
    /** Reports whether the path is one of them. */
    answer(path, isHead, response) {
      const body = bodies.get(path);
      const file = FILES[path as keyof typeof FILES];
      if (!body || !file) return false;
      response.writeHead(200, {
        'content-type': `${file.type}; charset=utf-8`,
        'content-length': body.length,
        'content-security-policy': file.policy,
        // A browser that asks for a newer worker is never answered from a cache: a broken one is replaced at the next visit (K4).
        'cache-control': 'no-store',
      });
      response.end(isHead ? undefined : body);
      return true;
    },
  };
}
