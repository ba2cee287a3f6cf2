// Puts the signed-in person's apps where the offline page finds them, in place of whatever was there.
import type { AppIcon } from '#server/core/app.ts';
import type { Tile } from '../launcher/filter-apps.ts';
import { initials, ink } from '../launcher/monogram.ts';
import { forgetKept, forgetOthers, keep } from './kept.ts';

/** `owner`: a name of the session, worth nothing elsewhere. `forMs`: until it ends, if nothing more is heard of it. */
export type KeepFor = { owner: string; forMs: number };

export async function keepCatalogue({ owner, forMs }: KeepFor): Promise<void> {
  await forgetOthers(owner, Date.now());
  const answer = await fetch('/launcher/apps').catch(() => null);
  // No answer is no reason to delete: this may be the moment that the list is for.
  if (answer === null) return;
  if (answer.status === 401) return forgetKept();
  if (!answer.ok) return;
  const { apps }: { apps: readonly Tile[] } = await answer.json();
  const pictures = await Promise.all(apps.map(({ icon }) => pictureOf(icon)));
  const now = Date.now();
  await keep({
    owner,
    keptAt: now,
    until: now + forMs,
    apps: apps.map(({ id, name, host, href }, at) => ({
      ...{ name, host, href, initials: initials(name), ink: ink(id) },
      picture: pictures[at] ?? null,
    })),
  });
}

/** The server made it small. One that does not come is drawn. */
async function pictureOf(icon: AppIcon): Promise<string | null> {
  if (icon.kind !== 'uploaded') return null;
  const answer = await fetch(`/launcher/icons/${icon.sha256}`).catch(() => null);
  if (!answer?.ok) return null;
  const reader = new FileReader();
  const read = new Promise<string | null>((resolve) => {
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => resolve(null);
  });
  reader.readAsDataURL(await answer.blob());
  return read;
}
