// The one person's catalogue that a device of their own keeps: names and hosts, until their session's end, in a cache of its own.
import { KEPT_CACHE } from '#server/core/installed.ts';

/** `picture`: an uploaded icon as a `data:` URL; the others are drawn. */
export type KeptApp = {
  name: string;
  host: string;
  href: string;
  initials: string;
  ink: number;
  picture: string | null;
};
/** `owner` is the session that it was kept in, as KeepFor names it. `keptAt` and `until` are epoch milliseconds by this device's clock. */
export type Kept = { owner: string; keptAt: number; until: number; apps: readonly KeptApp[] };

const ENTRY = '/offline/catalogue';
/** A clock that was put back by more than this makes nothing younger. */
const CLOCK_STEP_MS = 60_000;

export async function keep(kept: Kept): Promise<void> {
  const cache = await caches.open(KEPT_CACHE);
  await cache.put(ENTRY, new Response(JSON.stringify(kept), { headers: { 'content-type': 'application/json' } }));
}

/** Null where nothing is kept or its time is over; what is over is deleted. */
export async function readKept(now: number): Promise<Kept | null> {
  if (!(await caches.has(KEPT_CACHE))) return null;
  const found = await (await caches.open(KEPT_CACHE)).match(ENTRY);
  const kept: Kept | null = found ? await found.json().catch(() => null) : null;
  if (kept && isCurrent(kept, now)) return kept;
  await forgetKept();
  return null;
}

/** What another session left is gone before anything else happens. */
export async function forgetOthers(owner: string, now: number): Promise<void> {
  if ((await readKept(now))?.owner !== owner) await forgetKept();
}

export async function forgetKept(): Promise<void> {
  await caches.delete(KEPT_CACHE);
}

export function isCurrent({ keptAt, until }: Pick<Kept, 'keptAt' | 'until'>, now: number): boolean {
  return now < until && keptAt - now < CLOCK_STEP_MS;
}
