// The launcher's search: every typed word has to be found, case and accents do not matter.

import type { AppIcon } from '#server/core/app.ts';

export type Tile = {
  id: string;
  name: string;
  description: string;
  category: string;
  host: string;
  href: string;
  icon: AppIcon;
};

export function filterApps<T extends Tile>(tiles: readonly T[], search: string): readonly T[] {
  const words = fold(search).split(/\s+/).filter(Boolean);
  if (words.length === 0) return tiles;
  return tiles.filter((tile) => {
    const text = fold(`${tile.name} ${tile.description} ${tile.category} ${tile.host}`);
    return words.every((word) => text.includes(word));
  });
}

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
