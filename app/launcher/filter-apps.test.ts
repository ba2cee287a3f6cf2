import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterApps } from './filter-apps.ts';

const tile = (name: string, description = '', host = 'x.corp.example') => ({
  id: name,
  name,
  description,
  category: '',
  icon: { kind: 'drawn' } as const,
  host,
  href: '',
});
const TILES = [tile('Wiki', 'Team notes', 'wiki.corp.example'), tile('Ops board', 'Live numbers'), tile('Café Menü')];

test('every typed word has to be found, in any order, without case or accents', () => {
  const table: [string, string[]][] = [
    ['', ['Wiki', 'Ops board', 'Café Menü']],
    ['WIKI', ['Wiki']],
    ['notes team', ['Wiki']],
    ['wiki.corp', ['Wiki']],
    ['menu cafe', ['Café Menü']],
    ['nothing', []],
  ];
  for (const [search, names] of table)
    assert.deepEqual(
      filterApps(TILES, search).map((t) => t.name),
      names,
    );
});
