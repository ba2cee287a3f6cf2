// What the command palette offers for what was typed: apps first, then places, and the best matches of each before the others.
import type { AppIcon } from '#server/core/app.ts';
import { filterApps, type Tile } from '../launcher/filter-apps.ts';

export type Command =
  | { kind: 'app'; id: string; label: string; detail: string; href: string; icon: AppIcon }
  | { kind: 'place'; id: string; label: string; detail: string; href: string }
  | { kind: 'sign-out'; id: string; label: string; detail: string };

const MAX_APPS = 8;

export function findCommands(
  apps: readonly Tile[],
  places: readonly Extract<Command, { kind: 'place' | 'sign-out' }>[],
  search: string,
): readonly Command[] {
  const beginning = search.trim().toLowerCase();
  const found = [...filterApps(apps, search)]
    .sort((a, b) => likeness(b.name, beginning) - likeness(a.name, beginning))
    .slice(0, MAX_APPS);
  const words = beginning.split(/\s+/).filter(Boolean);
  return [
    ...found.map(({ id, name, description, host, href, icon }): Command => {
      return { kind: 'app', id, label: name, detail: description || host, href, icon };
    }),
    ...places.filter(({ label, detail }) => {
      const text = `${label} ${detail}`.toLowerCase();
      return words.every((word) => text.includes(word));
    }),
  ];
}

/** 2: the name begins so; 1: one of its words does. */
function likeness(name: string, beginning: string): number {
  const lower = name.toLowerCase();
  if (beginning === '' || lower.startsWith(beginning)) return 2;
  return lower.split(/[\s\-_/.]+/).some((word) => word.startsWith(beginning)) ? 1 : 0;
}
