// The launcher's search: every typed word has to be found, case and accents do not matter.

export type Tile = { id: string; name: string; description: string; host: string; href: string };

export function filterApps(tiles: readonly Tile[], search: string): readonly Tile[] {
  const words = fold(search).split(/\s+/).filter(Boolean);
  if (words.length === 0) return tiles;
  return tiles.filter((tile) => {
    const text = fold(`${tile.name} ${tile.description} ${tile.host}`);
    return words.every((word) => text.includes(word));
  });
}

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
